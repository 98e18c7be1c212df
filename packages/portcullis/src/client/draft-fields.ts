/** What stood in one field: where it is, and its value; of boxes whether they are ticked, of lists what is chosen. */
export type DraftValue = readonly [key: string, value: string | boolean | readonly string[]];

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** Types of `input` that hold nothing one would type, or what is not to be kept. */
const NEVER = /^(?:password|hidden|file|submit|reset|button|image)$/;
/** `autocomplete` of what browsers are not to remember either: off, passwords, codes, cards. */
const SECRET = /(?:^|\s)(?:off|new-password|current-password|one-time-code|cc-\S+)(?:\s|$)/i;

/**
 * What the person has put into the fields below `root`: of those that have a name or an id, and may be kept.
 *
 * @param edited Fields in which something was entered; of the others those count whose value is not the one that they came with.
 */
export function readDrafts(root: ParentNode, edited: { has(field: Element): boolean }): DraftValue[] {
	const values: DraftValue[] = [];
	for (const [key, field] of fieldsIn(root)) {
		if (edited.has(field) || isChanged(field)) values.push([key, currentValue(field)]);
	}
	return values;
}

/**
 * Puts values back, as if the person had entered them: frameworks hear of it. A field that somebody has entered something in meanwhile stays.
 *
 * @returns those for which there is no field yet.
 */
export function fill(
	root: ParentNode,
	values: readonly DraftValue[],
	edited: { has(field: Element): boolean },
): readonly DraftValue[] {
	const fields = fieldsIn(root);
	return values.filter(([key, value]) => {
		const field = fields.get(key);
		if (!field) return true;
		if (!edited.has(field) || isEmpty(field)) put(field, value);
		return false;
	});
}

/** By keys that are the same after the page was loaded anew: the form, the name, and which of several that have it. */
function fieldsIn(root: ParentNode): ReadonlyMap<string, Field> {
	const fields = new Map<string, Field>();
	const counts = new Map<string, number>();
	const forms = [...root.querySelectorAll("form")];
	for (const field of root.querySelectorAll<Field>("input, textarea, select")) {
		const name = field.name || field.id;
		if (!name || !mayBeKept(field)) continue;
		const { form } = field;
		const formKey = form && (form.getAttribute("id") || form.getAttribute("name") || forms.indexOf(form));
		const choice = isBox(field) ? field.value : "";
		const key = JSON.stringify([formKey, name, field.type, choice]);
		const count = counts.get(key) ?? 0;
		counts.set(key, count + 1);
		fields.set(key + count, field);
	}
	return fields;
}

function mayBeKept(field: Field): boolean {
	if (NEVER.test(field.type) || field.disabled || ("readOnly" in field && field.readOnly)) return false;
	const own = field.getAttribute("autocomplete");
	return !SECRET.test(own ?? field.form?.getAttribute("autocomplete") ?? "");
}

function isBox(field: Field): field is HTMLInputElement {
	return field.type === "checkbox" || field.type === "radio";
}

function isChanged(field: Field): boolean {
	if (field instanceof HTMLSelectElement) return false;
	return isBox(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function isEmpty(field: Field): boolean {
	return !isBox(field) && !(field instanceof HTMLSelectElement) && field.value === "";
}

function currentValue(field: Field): DraftValue[1] {
	if (field instanceof HTMLSelectElement) return [...field.selectedOptions].map(({ value }) => value);
	return isBox(field) ? field.checked : field.value;
}

function put(field: Field, value: DraftValue[1]): void {
	if (isBox(field)) {
		// Frameworks listen for the click.
		if (field.checked !== value) field.click();
		return;
	}
	if (field instanceof HTMLSelectElement) {
		for (const option of field.options) option.selected = Array.isArray(value) && value.includes(option.value);
	} else {
		if (field.value === value) return;
		// React looks at what is set on the element itself, and would take this for its own value.
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
	}
	for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}
