/**
 * What stood in one field: where it is, and its value; of boxes whether they are ticked, of lists
 * what is chosen.
 */
export type DraftValue = readonly [key: string, value: string | boolean | readonly string[]];

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/**
 * Types of `input` whose values are not to be kept. Those of buttons are never entered, and stay as
 * they came.
 */
const NEVER = /^(?:hidden|file)$/;
/**
 * What is secret, by name and type, then `autocomplete`. Passwords: by their type, by what they are
 * marked as, and by their name, since a button may have shown one before this code was there to see
 * it. Then what browsers are not to remember either: off, codes, cards.
 */
const SECRET = /passw|passphrase|pwd|\s(?:off|one-time-code|cc-)/i;

/**
 * Notes the names of fields that are secret now. A button that shows a password makes plain text of
 * its field, or puts another field of that name in its place: such a name is not kept from then on.
 */
export function noteSecrets(secrets: Set<string>): void {
	for (const field of allFields()) {
		const autocomplete =
			field.getAttribute("autocomplete") ?? field.form?.getAttribute("autocomplete");
		const name = nameOf(field);
		if (SECRET.test(`${name}-${field.type} ${autocomplete}`)) secrets.add(name);
	}
}

/**
 * What the person has put into the fields of the page: of those that have a name or an id, and may
 * be kept.
 *
 * @param edited Fields in which something was entered; of the others those count whose value is not
 *   the one that they came with.
 * @param secrets Names of what is not kept, even if the field looks harmless now.
 */
export function readDrafts(
	edited: { has(field: Element): boolean },
	secrets: Set<string>,
): DraftValue[] {
	const values: DraftValue[] = [];
	for (const [key, field] of fieldsIn(secrets)) {
		if (edited.has(field) || isChanged(field)) values.push([key, currentValue(field)]);
	}
	return values;
}

/**
 * Puts values back, as if the person had entered them: frameworks hear of it. A field in which the
 * person has entered something meanwhile stays.
 *
 * @returns those for which there is no field yet.
 */
export function fill(
	values: readonly DraftValue[],
	edited: { has(field: Element): boolean },
	secrets: Set<string>,
): readonly DraftValue[] {
	const fields = fieldsIn(secrets);
	return values.filter(([key, value]) => {
		const field = fields.get(key);
		if (!field) return true;
		if (!edited.has(field) || isEmpty(field)) put(field, value);
		return false;
	});
}

/**
 * By keys that are the same after the page was loaded anew: the form, the name, and which of
 * several that have it.
 */
function fieldsIn(secrets: Set<string>): ReadonlyMap<string, Field> {
	noteSecrets(secrets);
	const fields = new Map<string, Field>();
	const counts = new Map<string, number>();
	const forms = [...document.querySelectorAll("form")];
	for (const field of allFields()) {
		const name = nameOf(field);
		if (!name || secrets.has(name) || NEVER.test(field.type) || isFixed(field)) continue;
		const { form } = field;
		const formKey =
			form && (form.getAttribute("id") || form.getAttribute("name") || forms.indexOf(form));
		const choice = isBox(field) ? field.value : "";
		const key = JSON.stringify([formKey, name, field.type, choice]);
		const count = counts.get(key) ?? 0;
		counts.set(key, count + 1);
		fields.set(key + count, field);
	}
	return fields;
}

function allFields(): Iterable<Field> {
	return document.querySelectorAll<Field>("input, textarea, select");
}

function nameOf(field: Field): string {
	return field.name || field.id;
}

function isFixed(field: Field): boolean {
	return field.disabled || ("readOnly" in field && field.readOnly);
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
	if (field instanceof HTMLSelectElement)
		return [...field.selectedOptions].map(({ value }) => value);
	return isBox(field) ? field.checked : field.value;
}

function put(field: Field, value: DraftValue[1]): void {
	if (isBox(field)) {
		// Frameworks listen for the click.
		if (field.checked !== value) field.click();
		return;
	}
	if (field instanceof HTMLSelectElement) {
		for (const option of field.options)
			option.selected = Array.isArray(value) && value.includes(option.value);
	} else {
		if (field.value === value) return;
		// React looks at what is set on the element itself, and would take this for its own value.
		Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value")?.set?.call(field, value);
	}
	for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
}
