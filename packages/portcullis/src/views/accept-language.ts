/** More is not read: a header is at most 16 kB, and no person speaks that many languages. */
const MAX_LENGTH = 1000;
const MAX_RANGES = 32;

/**
 * The languages that a person prefers, best first, out of an `Accept-Language` header (RFC 9110
 * section 12.5.4). What has a weight of 0, or is no language range, is left out; of equal weights
 * the one that is named first comes first. `*` stays as it is.
 */
export function acceptedLanguages(header: string | null): string[] {
	if (!header) return [];
	const ranges: { tag: string; weight: number }[] = [];
	// Cut off at a comma: what is left of a range would say something else. Without a comma nothing
	// is left.
	// proven: one-long-language
	const cut =
		header.length > MAX_LENGTH
			? header.slice(0, Math.max(0, header.lastIndexOf(",", MAX_LENGTH)))
			: header;
	for (const part of cut.split(",", MAX_RANGES)) {
		const match =
			/^\s*(\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/i.exec(
				part,
			);
		const [, tag, weight = "1"] = match ?? [];
		if (tag !== undefined && Number(weight) > 0) ranges.push({ tag, weight: Number(weight) });
	}
	return ranges.sort((a, b) => b.weight - a.weight).map(({ tag }) => tag);
}

/**
 * The first of the preferred languages that is offered, by "lookup" (RFC 4647 section 3.4): `de-CH`
 * finds `de`. Upper and lower case are the same. `undefined` if there is none, or if `*` comes
 * first, which says that any will do.
 */
export function lookUpLanguage(
	preferred: readonly string[],
	offered: readonly string[],
): string | undefined {
	const byLowerCase = new Map(offered.map((tag) => [tag.toLowerCase(), tag]));
	for (const range of preferred) {
		if (range === "*") return undefined;
		for (let tag = range.toLowerCase(); tag !== ""; tag = shorten(tag)) {
			const found = byLowerCase.get(tag);
			if (found !== undefined) return found;
		}
	}
	return undefined;
}

/**
 * Without its last subtag, and without a single letter that would then stand last: that one only
 * introduces what follows.
 */
function shorten(tag: string): string {
	return tag.replace(/(?:-[^-])?-[^-]+$|^[^-]+$/, "");
}
