import type { PageData } from "../shared/types.ts";

/**
 * What the server wrote into the document. It is taken out of it: nothing of a person stays there
 * once they are signed out.
 */
export function takePageData(): PageData {
	const element = document.getElementById("page-data");
	if (!element) throw new Error("The document has no #page-data");
	element.remove();
	return JSON.parse(element.textContent);
}
