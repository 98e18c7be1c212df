import type { RequestParameters } from "./types.ts";

/** Sets parameters of a URL; `undefined` deletes one that is there. */
export function setParameters(url: URL, parameters: RequestParameters): void {
	for (const [name, value] of Object.entries(parameters)) {
		if (value === undefined) url.searchParams.delete(name);
		else url.searchParams.set(name, value);
	}
}

/** Like `setParameters`, but what is undefined here leaves the endpoint's own query as it is. */
export function setDefined(url: URL, parameters: RequestParameters): void {
	setParameters(
		url,
		Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined)),
	);
}
