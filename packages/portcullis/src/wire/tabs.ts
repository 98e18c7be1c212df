/**
 * Channel on which tabs hear of each other. `{ type: "hydrate" }` on it says: ask the server who is
 * signed in. The path of the endpoints is appended.
 */
export const TABS_CHANNEL = "portcullis:";

/**
 * Ends the name by which a tab keeps what was typed when its session ended. The name of the channel
 * comes first. The client has it in `client/watch-drafts.ts`.
 */
export const DRAFTS = ".drafts";
