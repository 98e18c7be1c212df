import { within } from "../../base/within.ts";
import type { ConnectedProvider } from "../../config/runtime.ts";
import { examineClaims } from "../../doctor/capability-findings.ts";
import { examineProvider } from "../../doctor/examine-provider.ts";
import { type Finding, fail } from "../../doctor/finding.ts";
import { type Subject, toError } from "../../doctor/subject.ts";
import type { GateRequest } from "../../guard/gate-request.ts";
import type { Provider } from "../../protocol/provider.ts";
import { cookieBytes, parseCookies } from "../../session/cookies.ts";
import type { Html } from "../../views/html.ts";
import { callbackPath } from "../answers/links.ts";
import { createNonce, htmlResponse } from "../answers/render.ts";
import type { Exchange } from "../exchange.ts";
import type { GateContext } from "../gate-context.ts";
import type { Identity } from "../sessions/identity.ts";
import { listSurfaces } from "../surfaces.ts";
import { linkPage, panelPage, type ShownPerson, type ShownProvider } from "./page.ts";
import { type AuditRecord, PANEL_COOKIE, type PanelParts } from "./parts.ts";

/** What was found serves as long: a provider is not asked at each reload. Milliseconds. */
const FRESH_FOR = 30_000;
/** How long a page waits for what is being looked at. Milliseconds. */
const EXAMINATION_TIMEOUT = 2500;

/** What is being looked at, and what came of it once it is there. */
interface Examination {
	readonly startedAt: number;
	readonly done: Promise<void>;
	findings: readonly Finding[] | undefined;
}

/**
 * The developer panel: what this gate is set up with, what doctor says of it, and who is asking.
 * Changes nothing.
 */
export class Panel {
	readonly #parts: PanelParts;
	readonly #examinations = new Map<string, Examination>();

	constructor(parts: PanelParts) {
		this.#parts = parts;
	}

	async answer(exchange: Exchange, records: readonly AuditRecord[]): Promise<Response> {
		const { gate, runtime, call } = exchange;
		const identity = await exchange.identity();
		const providers = await Promise.all(
			runtime.providers.map((connected) => this.#look(exchange, connected, identity)),
		);
		const nonce = createNonce();
		const page = panelPage({
			nonce,
			providers,
			person: identity && shownPerson(identity, call, gate.platform.now()),
			loginHref: gate.paths.login,
			logoutHref: gate.paths.logout,
			surfaces: listSurfaces(this.#parts.protects),
			records: [...records].reverse(),
		});
		return pageResponse(page, 200, nonce);
	}

	/** For a browser that has not opened the link on the console. */
	askForLink(): Response {
		const nonce = createNonce();
		return pageResponse(linkPage(nonce), 401, nonce);
	}

	async #look(
		{ gate, runtime, call, knownOrigin }: Exchange,
		{ provider }: ConnectedProvider,
		identity: Identity | undefined,
	): Promise<ShownProvider> {
		const origin = knownOrigin ?? new URL(call.url).origin;
		const now = gate.platform.now();
		const redirectUri = origin + callbackPath(gate, runtime, provider);
		const key = `${provider.name} ${redirectUri}`;
		let examination = this.#examinations.get(key);
		if (!examination || now - examination.startedAt >= FRESH_FOR || now < examination.startedAt) {
			examination = this.#examine(gate, provider, redirectUri);
			this.#examinations.set(key, examination);
		}
		await within(EXAMINATION_TIMEOUT, examination.done, undefined);
		const { name, displayName, issuer, clientId, clientSecret } = provider;
		const findings =
			examination.findings && this.#withSample(gate, provider, examination.findings, identity);
		return {
			name,
			displayName,
			issuer,
			clientId,
			isPublic: clientSecret === undefined,
			redirectUri,
			findings,
		};
	}

	/** The claims of the person who is signed in show better than any metadata which claims come. */
	#withSample(
		gate: GateContext,
		provider: Provider,
		findings: readonly Finding[],
		identity: Identity | undefined,
	): readonly Finding[] {
		if (identity?.connected.provider.name !== provider.name) return findings;
		const others = findings.filter(({ id }) => id !== "claims");
		const subject = { ...this.#subject(gate, provider, []), sample: identity.user.claims };
		return [...others, ...examineClaims(subject, {})];
	}

	#subject(
		{ platform }: GateContext,
		provider: Provider,
		redirectUris: readonly string[],
	): Subject {
		const { fetch, now } = platform;
		const { timeout, clockTolerance } = this.#parts;
		return {
			provider,
			fetch,
			now,
			timeout,
			clockTolerance,
			redirectUris,
			claims: ["groups"],
			needsClaims: false,
		};
	}

	#examine(gate: GateContext, provider: Provider, redirectUri: string): Examination {
		const { now } = gate.platform;
		const running = examineProvider(this.#subject(gate, provider, [redirectUri])).catch(
			(error: unknown): readonly Finding[] => [
				fail("discovery", {
					provider: provider.name,
					title: "Doctor stumbled",
					cause: toError(error).message,
					fix: "Look at the hooks of the provider's class.",
				}),
			],
		);
		const examination: Examination = {
			startedAt: now(),
			findings: undefined,
			done: running.then((findings) => {
				examination.findings = findings;
			}),
		};
		return examination;
	}
}

function shownPerson(
	{ user, session, connected, expiresAt }: Identity,
	call: GateRequest,
	now: number,
): ShownPerson {
	const cookies = [...parseCookies(call.header("cookie"))]
		.filter(([name]) => name !== PANEL_COOKIE)
		.map(([name, value]) => ({ name, bytes: cookieBytes({ name, value }) }));
	return {
		provider: connected.provider.name,
		name: user.name,
		sub: user.sub,
		claims: user.claims,
		scopes: user.grantedScopes,
		accessTokenEndsIn: Math.round(session.accessTokenExpiresAt - now / 1000),
		nobodyIn: Math.round((expiresAt - now) / 1000),
		deadlineIn: Math.round(session.deadline - now / 1000),
		hasRefreshToken: session.hasRefreshToken,
		rotation: session.rotation,
		cookies,
	};
}

function pageResponse(page: Html, status: number, nonce: string): Response {
	const response = htmlResponse(page, { status, nonce });
	response.headers.set("Content-Security-Policy", contentSecurityPolicy(nonce));
	return response;
}

/** Nothing runs, nothing loads, nothing is sent; the icon is an empty one. */
function contentSecurityPolicy(nonce: string): string {
	return [
		"default-src 'none'",
		`style-src 'nonce-${nonce}'`,
		"img-src data:",
		"form-action 'none'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
	].join("; ");
}
