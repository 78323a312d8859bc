// What is read of a commit at most. Each limit has a test; beyond it there is a problem or a refusal, never a crash.

/** A flow, policy, template or flow test. */
export const yamlBytesMax = 256 * 1024
/** Any other file: a prompt, knowledge, a fixture. Larger objects are not even transferred. */
export const otherBytesMax = 1024 * 1024
export const filesMax = 20_000
/** All files of the folder together. */
export const folderBytesMax = 64 * 1024 * 1024
/** One name between slashes; what common file systems take. */
export const nameBytesMax = 255
export const pathBytesMax = 1_024
/** Paths of one change that are kept and matched; a git trigger sees the first ones. */
export const changedMax = 20_000
/** Output of one listing: enough for `filesMax` paths of `pathBytesMax`. */
export const listingBytesMax = 24 * 1024 * 1024

export const listRemoteMsMax = 30_000
/** A first clone of a large repository; a stalled connection ends after 20 s of silence. */
export const fetchMsMax = 600_000
export const readMsMax = 60_000
/** A mirror that is damaged again this soon is not fetched anew at every poll. */
export const healMsMin = 600_000
