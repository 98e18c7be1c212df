import type { PageData } from "../shared/types.ts";

/** What the server wrote into the document. */
export function readPageData(): PageData {
	return JSON.parse(document.getElementById("page-data")?.textContent ?? "");
}
