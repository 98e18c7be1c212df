// What a page needs only after its first paint, in one file of its own.
export { goTo } from "./go-to.ts";
export { notices, texts } from "./load-notices.ts";
export { navigate } from "./navigate.ts";
export { ownPath } from "./own-path.ts";
export { createRefresher } from "./refresh.ts";
export { Tabs } from "./tabs.ts";
export { watchDrafts } from "./watch-drafts.ts";
