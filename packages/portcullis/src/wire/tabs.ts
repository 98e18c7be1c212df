/**
 * Channel on which tabs hear of each other. `{ type: "hydrate" }` on it says: ask the server who is signed in. The path of the
 * endpoints is appended.
 */
export const TABS_CHANNEL = "portcullis:";
