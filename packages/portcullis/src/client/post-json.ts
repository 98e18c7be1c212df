import { REQUEST_HEADER } from "../wire/state.ts";

/** How JSON is sent to the gate. With `keepalive` the request outlives the page. */
export function postJson(body: string, keepalive = false): RequestInit {
	return {
		method: "POST",
		headers: { "Content-Type": "application/json", [REQUEST_HEADER]: "1" },
		credentials: "same-origin",
		cache: "no-store",
		redirect: "error",
		body,
		keepalive,
	};
}
