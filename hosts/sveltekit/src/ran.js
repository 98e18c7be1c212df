/**
 * Says that the code of a route was reached.
 *
 * @param {string} route
 * @param {Request} request
 */
export function ran(route, request) {
	globalThis[Symbol.for("portcullis.hosts.sveltekit")].ran(route, request.headers.get("x-case"));
	return { route };
}
