/**
 * What the markup says to the script: the data attributes of its `<script>`. Call it while the
 * script runs for the first time; later there is no current script.
 */
export function pageData(): DOMStringMap {
	return (document.currentScript as HTMLScriptElement).dataset;
}

/** The element with this id. Each page has those that its script names. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
	return document.getElementById(id) as T;
}
