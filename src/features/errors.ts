/** Codes of the errors of this stage, and what each means. None of them goes away by trying again. */
export const ERRORS = {
  FEATURES_BAD_NAME: 'A name cannot become a column or table: lower case letters, digits and single underscores can.',
  FEATURES_DUPLICATE_NAME: 'Two things that stand beside each other have one name.',
  FEATURES_EMPTY: 'A view has no features, or a service no views.',
  FEATURES_UNKNOWN_DURATION: 'A window is not a duration such as 15m, 6h or 28d.',
  FEATURES_UNKNOWN_TIME_ZONE: 'A time zone is not in the IANA list.',
  FEATURES_BAD_SCHEDULE: 'A schedule is not a cron expression.',
  FEATURES_BAD_EXPRESSION: 'An on-demand expression cannot be computed.',
  FEATURES_BAD_FIELD: 'A name that an aggregate, a source or an entity refers to is missing or has the wrong form.',
  FEATURES_UNKNOWN_COLUMN: 'The warehouse model of a view lacks a column that the view needs.',
  FEATURES_BAD_SPINE: 'The spine of a training set lacks a column or has one that the training set will add.',
} as const satisfies Record<string, string>

export type FeaturesErrorCode = keyof typeof ERRORS
