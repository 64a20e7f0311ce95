const VERSION = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/

/** `major`, `minor` and `patch` of a semantic version. */
export type VersionParts = readonly [major: number, minor: number, patch: number]

/** Whether `text` is `major.minor.patch`. Contracts have no pre-releases: status says whether one is a draft. */
export function isVersion(text: string): boolean {
  return VERSION.test(text)
}

/** @example versionParts('1.10.0') // [1, 10, 0] */
export function versionParts(version: string): VersionParts {
  const [, major, minor, patch] = VERSION.exec(version) ?? []
  return [Number(major), Number(minor), Number(patch)]
}

/** Orders semantic versions: negative, 0 or positive. */
export function compareVersions(a: string, b: string): number {
  const [majorA, minorA, patchA] = versionParts(a)
  const [majorB, minorB, patchB] = versionParts(b)
  return majorA - majorB || minorA - minorB || patchA - patchB
}
