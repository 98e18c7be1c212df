/** Id of the script element with the snapshot of a page. */
export const SNAPSHOT_ELEMENT = "portcullis-snapshot";
