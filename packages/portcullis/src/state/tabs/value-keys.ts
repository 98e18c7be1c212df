const VALUE = "value:";

/** As many as there are surfaces. A key that is made anew for each look is hashed anew, too. */
const valueKeys = new Map<string, string>();

/** The key of a stored value in a tab's record: `value:notes.draft` for `notes.draft`. */
export function valueKey(id: string): string {
	let key = valueKeys.get(id);
	if (key === undefined) {
		key = VALUE + id;
		valueKeys.set(id, key);
	}
	return key;
}

export function isValueKey(key: string): boolean {
	return key.startsWith(VALUE);
}

/** `notes.draft` for `value:notes.draft`. */
export function idOfValueKey(key: string): string {
	return key.slice(VALUE.length);
}
