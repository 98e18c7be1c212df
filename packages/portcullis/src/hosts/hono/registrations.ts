import { type AnyHandler, wrappedBy } from "./internals.ts";

/** Every way to add handlers, of each version of Hono. */
const METHODS = [
	"get",
	"post",
	"put",
	"delete",
	"options",
	"patch",
	"query",
	"all",
	"on",
	"use",
	"route",
];
/** Under this symbol a wrapped handler says which registration it came by. */
const REGISTRATION = Symbol("portcullis.hono.registration");

/**
 * Tells `get(path, first, second)` from `get(path, first)` and `get(path, second)`. To Hono both
 * are the same: two handlers of one method and path. To a tag they are not: it speaks of the route
 * that it stands in.
 *
 * A handler that comes by no method that is known here is a registration of its own, so that no tag
 * speaks for it.
 */
export class Registrations {
	#current: object | undefined;
	#name = "";

	constructor(app: object) {
		this.#watch(app);
	}

	/**
	 * The registration that is going on. Of the routes of a mounted app, those of one method and path
	 * in a row are one.
	 */
	of(method: string, path: string): object {
		const name = `${method} ${path}`;
		if (this.#current === undefined) return {};
		if (this.#name !== name) this.#current = {};
		this.#name = name;
		return this.#current;
	}

	/** Notes on a wrapper which registration it came by, for `registrationsOf`. */
	note<H extends AnyHandler>(handler: H, registration: object): H {
		return Object.defineProperty(handler, REGISTRATION, { value: registration });
	}

	#watch(app: object): void {
		const methods = app as Record<string, (...args: unknown[]) => unknown>;
		for (const name of METHODS) {
			const method = methods[name];
			if (method === undefined) continue;
			methods[name] = (...args) => {
				this.#current = {};
				try {
					return method.apply(app, args);
				} finally {
					this.#current = undefined;
				}
			};
		}
		// A clone, which has the same router.
		const { basePath } = methods;
		const watched = (...args: unknown[]): object => {
			const clone = basePath?.apply(app, args) as object;
			this.#watch(clone);
			return clone;
		};
		Object.assign(app, { basePath: watched });
	}
}

/**
 * The registrations that a handler came by, the outermost app's first: where a protected app is
 * mounted in another, there are two.
 */
export function registrationsOf(handler: AnyHandler): readonly object[] {
	const found: object[] = [];
	for (let at: AnyHandler | undefined = handler; at !== undefined; at = wrappedBy(at)) {
		const registration = (at as { [REGISTRATION]?: object })[REGISTRATION];
		if (registration !== undefined) found.push(registration);
	}
	return found;
}
