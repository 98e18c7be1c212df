import { pageData } from "./parts/page-data.ts";
import { announceToTabs, forgetDrafts } from "./parts/tabs.ts";

const { endpoints = "" } = pageData();
forgetDrafts(endpoints);
announceToTabs(endpoints);
