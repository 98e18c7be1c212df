import { byId, pageData } from "./parts/page-data.ts";
import { announceToTabs } from "./parts/tabs.ts";

// Replaces the page with the target of its link. With `data-endpoints`, who is signed in has just
// changed, and the other tabs are told.

const { endpoints } = pageData();
if (endpoints) announceToTabs(endpoints);
location.replace(byId<HTMLAnchorElement>("onward").href);
