/**
 * Members that hold a token by their name, such as those of `_claim_sources` (OpenID Connect Core
 * 1.0 section 5.6.2).
 */
const SECRET_NAMES = /token|secret|password|code_verifier|assertion/i;
/** A JWT of any kind, wherever it stands. */
const JWT = /eyJ[\w-]{4,}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?/g;
const NOT_SHOWN = "(not shown)";
/** Characters of one claim that are shown. */
const MAX_LENGTH = 1000;

/** A claim as JSON, without what could be a token: some providers put one among their claims. */
export function shownClaim(name: string, value: unknown): string {
	if (SECRET_NAMES.test(name)) return NOT_SHOWN;
	const text =
		JSON.stringify(value, (key, member) => (SECRET_NAMES.test(key) ? NOT_SHOWN : member)) ?? "";
	const clean = text.replace(JWT, NOT_SHOWN);
	return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean;
}
