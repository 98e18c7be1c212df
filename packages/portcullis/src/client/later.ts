// What a page needs only after its first paint, in one file of its own.
export { createRenewal } from "./renewal.ts";
export { Tabs } from "./tabs.ts";
