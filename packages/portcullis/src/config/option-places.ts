import type { ConfigProblem } from "../base/errors.ts";
import { unknownKeys } from "./option-row.ts";
import { OPTIONS, type Place } from "./option-table.ts";

const PLACES = Object.keys(OPTIONS) as Place[];

/**
 * A mistake for each key that is not an option of that place: a typo, or an option that belongs
 * elsewhere, must never switch a protection off.
 */
export function strayKeys(place: Place, options: object): ConfigProblem[] {
	const known = Object.keys(OPTIONS[place]);
	const where = place === "portcullis" || place === "gate" ? `${place}()` : place;
	if (typeof options !== "object" || options === null) return unknownKeys(where, options, known);
	return Object.keys(options)
		.filter((key) => !known.includes(key))
		.map((key) => {
			const right = placeOf(key);
			if (right !== undefined) return misplaced(key, place, right);
			const near = nearNames(key).map(spelled);
			return {
				problem: `${where} has no option "${key}"`,
				remedy: `${near.length > 0 ? `Did you mean ${near.join(" or ")}? ` : ""}Known options: ${known.join(", ")}.`,
			};
		});
}

function placeOf(name: string): Place | undefined {
	return PLACES.find((place) => Object.hasOwn(OPTIONS[place], name));
}

function misplaced(key: string, place: Place, right: Place): ConfigProblem {
	const isGroup = right !== "portcullis" && right !== "gate";
	const call = right === "gate" ? "gate()" : "portcullis()";
	if (place === "gate" || right === "gate") {
		const wrong = place === "gate" ? "gate()" : "portcullis()";
		return {
			problem: `\`${key}\` is an option of ${call}, not of ${wrong}`,
			remedy: `Write it there: ${call.slice(0, -1)}{ ${spelled(key)} }).`,
		};
	}
	return {
		problem: isGroup
			? `\`${key}\` belongs to \`${right}: { ${key} }\``
			: `\`${key}\` is an option of portcullis() itself, not of \`${place}\``,
		remedy: `Write portcullis({ ${spelled(key)} }).`,
	};
}

/** An option as it is written in its call. */
function spelled(name: string): string {
	const place = placeOf(name);
	return place === undefined || place === "portcullis" || place === "gate"
		? name
		: `${place}: { ${name} }`;
}

/** Names of options that a typo may have meant, nearest first. */
function nearNames(key: string): string[] {
	const most = key.length < 5 ? 1 : 2;
	return PLACES.flatMap((place) => Object.keys(OPTIONS[place]))
		.map((name) => ({ name, distance: editDistance(key.toLowerCase(), name.toLowerCase()) }))
		.filter(({ distance }) => distance <= most)
		.sort((a, b) => a.distance - b.distance)
		.map(({ name }) => name);
}

/** How many letters have to be added, dropped or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
	if (Math.abs(a.length - b.length) > 2) return 3;
	let row = Array.from({ length: b.length + 1 }, (_, i) => i);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++)
			next[j] = Math.min(
				(row[j] as number) + 1,
				(next[j - 1] as number) + 1,
				(row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1),
			);
		row = next;
	}
	return row[b.length] as number;
}
