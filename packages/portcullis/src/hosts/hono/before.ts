import type { MiddlewareHandler } from "hono";
import type { ConfigProblem } from "../../base/errors.ts";
import { surviveBreaks } from "./bindings.ts";
import { tagInMiddleware } from "./counted-tag.ts";
import { tagOf } from "./tags.ts";

/** Headers that the gate decides about, and no middleware around it. */
const KEPT = [
	"cache-control",
	"vary",
	"content-security-policy",
	"cross-origin-resource-policy",
] as const;

/** Looks at `before`. Returns every mistake. */
export function checkBefore(before: unknown): ConfigProblem[] {
	if (Array.isArray(before) && before.every((each) => typeof each === "function")) return [];
	return [
		{
			problem: "before is not a list of middleware",
			remedy: "Write before: [logger()], or leave it out.",
		},
	];
}

/**
 * Middleware that runs around the gate: it hears of each request and of what becomes of it, and
 * decides nothing. An answer of its own counts for nothing, whether it gives one instead of going
 * on, before or afterwards; the request that it hands on is the one that came.
 *
 * @throws {ConfigError} for a tag.
 */
export function observing(middleware: MiddlewareHandler): MiddlewareHandler {
	if (tagOf(middleware)) throw tagInMiddleware();
	return async (c, next) => {
		surviveBreaks(c.env);
		const { raw } = c.req;
		let answer: Response | undefined;
		let kept: (readonly [name: string, value: string | null])[] = [];
		const goOn = async (): Promise<void> => {
			c.req.raw = raw; // proven: other-request-before
			// Hono would keep what was answered by now, and drop what the gate says.
			c.res = undefined;
			c.finalized = false;
			await next();
			answer = c.res;
			kept = KEPT.map((name) => [name, c.res.headers.get(name)]);
		};
		await middleware(c, goOn);
		if (answer === undefined) return goOn(); // proven: answered-before
		// proven: replaced-before
		if (c.res !== answer) {
			c.res = undefined;
			c.res = answer;
		}
		for (const [name, value] of kept) setBack(c.res.headers, name, value); // proven: loosened-before
	};
}

function setBack(headers: Headers, name: string, value: string | null): void {
	if (headers.get(name) === value) return;
	if (value === null) headers.delete(name);
	else headers.set(name, value);
}
