import { trimSpace } from "../../base/http-space.ts";
import { readBody } from "./read-body.ts";

/** Largest form that is read, in bytes: an authorization response or a logout are far smaller. */
const MAX_FORM_BYTES = 65_536;

/** Reads an `application/x-www-form-urlencoded` body. `undefined` for any other type, a body that is too large or cannot be read. */
export async function readForm(request: Request): Promise<URLSearchParams | undefined> {
	const type = trimSpace(request.headers.get("content-type")?.split(";", 1)[0] ?? "").toLowerCase();
	if (type !== "application/x-www-form-urlencoded" || !request.body) return undefined;
	const body = await readBody(request, MAX_FORM_BYTES);
	return body && new URLSearchParams(new TextDecoder().decode(body));
}
