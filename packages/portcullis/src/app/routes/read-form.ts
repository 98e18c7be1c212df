import { trimSpace } from "../../base/http-space.ts";
import { readBody } from "./read-body.ts";

/** Largest form that is read, in bytes: an authorization response or a logout are far smaller. */
const MAX_FORM_BYTES = 65_536;
/** Parameters of a form that is read: real ones have ten. 32,000 in one body took 16 ms. */
const MAX_PARAMETERS = 200;
const AMPERSAND = 0x26;

/**
 * Reads an `application/x-www-form-urlencoded` body. `undefined` for any other type, a body that is
 * too large, has too many parameters or cannot be read.
 */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
	const type = trimSpace(request.headers.get("content-type")?.split(";", 1)[0] ?? "").toLowerCase();
	if (type !== "application/x-www-form-urlencoded" || !request.body) return undefined;
	const body = await readBody(request, MAX_FORM_BYTES);
	if (!body || hasTooMany(body)) return undefined; // proven: many-parameters
	return new URLSearchParams(new TextDecoder().decode(body));
}

function hasTooMany(body: Uint8Array): boolean {
	let count = 1;
	for (const byte of body) if (byte === AMPERSAND && ++count > MAX_PARAMETERS) return true;
	return false;
}
