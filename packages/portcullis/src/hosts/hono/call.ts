import { pathAndQuery } from "../../app/answers/refusals.ts";
import type { PageAuthContext, Rule } from "../../guard/context.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import type { RawSocket } from "../raw-socket.ts";
import { handshakeSocket, nodeBindings } from "./bindings.ts";
import { countedTag } from "./counted-tag.ts";
import type { AnyHandler, MatchedRoute } from "./internals.ts";
import type { KnownHandlers } from "./known-handlers.ts";
import { hasTags, tagOf } from "./tags.ts";

/** A Hono request as the gate wants it. */
export class HonoCall implements GateRequest {
	readonly #request: Request;
	readonly #env: unknown;
	readonly #known: KnownHandlers | undefined;
	readonly #routes: (() => readonly MatchedRoute[]) | undefined;
	#tag: { readonly handler: AnyHandler | undefined } | undefined;

	/**
	 * @param routes The routes that match, in their order. Without `known` and them, tags do not
	 *   count.
	 */
	constructor(
		request: Request,
		env: unknown,
		known?: KnownHandlers,
		routes?: () => readonly MatchedRoute[],
	) {
		this.#request = request;
		this.#env = env;
		this.#known = known;
		this.#routes = routes;
	}

	get method(): string {
		return this.#request.method;
	}

	get url(): string {
		const socket = handshakeSocket(this.#env);
		return socket === undefined ? this.#request.url : handshakeUrl(this.#request, socket); // proven: handshake-address
	}

	get pagePath(): string | undefined {
		return this.#known?.pathOf?.(this.#request, this.#env);
	}

	get remoteAddress(): string | undefined {
		return (nodeBindings(this.#env).incoming?.socket ?? handshakeSocket(this.#env))?.remoteAddress;
	}

	/** The tag that counts. */
	get tag(): AnyHandler | undefined {
		if (!hasTags() || !this.#known || !this.#routes) return undefined;
		// Asked more than once; the routes that match are the same.
		this.#tag ??= { handler: countedTag(this.#routes(), this.#known) };
		return this.#tag.handler;
	}

	get routeRule(): Rule<PageAuthContext> | undefined {
		const { tag } = this;
		return tag && tagOf(tag)?.rule;
	}

	// From the request and not from `env.incoming`, though that is faster: an app may be handed
	// another request beside the same bindings, as `app.request(path, init, c.env)` does, and then it
	// is that one's cookies that count.
	readonly header = (name: string): string | null => this.#request.headers.get(name);

	request(): Request {
		return this.#request;
	}

	ruleOfPath(path: string): Rule<PageAuthContext> | undefined {
		if (!hasTags() || !this.#known) return undefined;
		// As the router will look at it: decoded, and by a `getPath` of the app's own.
		const { url, headers } = this.#request;
		const asked = new Request(new URL(url).origin + path, { headers });
		// proven: tag-by-address
		const tag = countedTag(
			this.#known.routesOf("GET", this.#known.getPath(asked, this.#env)),
			this.#known,
		);
		return tag && tagOf(tag)?.rule;
	}
}

/** A request with the rule of a tag that was not counted beforehand. */
export class LateCall extends HonoCall {
	readonly #rule: Rule<PageAuthContext>;

	constructor(request: Request, env: unknown, known: KnownHandlers, rule: Rule<PageAuthContext>) {
		super(request, env, known);
		this.#rule = rule;
	}

	override get routeRule(): Rule<PageAuthContext> {
		return this.#rule;
	}
}

/**
 * The address as the browser sees it: @hono/node-ws makes it up, `http://localhost` for every host,
 * and `Origin` is compared with it.
 */
function handshakeUrl({ url, headers }: Request, { encrypted }: RawSocket): string {
	const host = headers.get("host");
	if (host === null || /[/\\?#@\s]/.test(host)) return url;
	const address = `${encrypted ? "https" : "http"}://${host}`;
	return URL.canParse(address) ? new URL(address).origin + pathAndQuery(url) : url;
}
