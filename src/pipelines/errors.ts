/** Codes of the errors that the pipelines stage throws, and what each means. */
export const ERRORS = {
  PIPELINE_INVALID: 'The definition of a pipeline is wrong: an unknown name, a cycle, a name used twice.',
  PIPELINE_SOURCE_MISSING: 'A file that a step names is not in the project.',
  PIPELINE_NOT_DEPLOYED: 'A run was asked for of a pipeline or version that was never deployed.',
  PIPELINE_UNKNOWN_PARAM: 'A run was given a parameter that the pipeline does not declare, or one of the wrong type.',
  PIPELINE_RUN_MISMATCH: 'The id of a run of another pipeline was given.',
  PIPELINE_PYTHON_MISSING: 'There is no Python interpreter where the set-up puts it.',
  PIPELINE_STEP_FAILED: 'A step did not do what it has to: the run is recorded as failed with this message.',
  PIPELINE_ARTIFACT_PATH: 'A path does not lie in the artifact store.',
  PIPELINE_STOPPING: 'The process is told to stop; the run stays unfinished and goes on at the next start. Retryable.',
} as const
