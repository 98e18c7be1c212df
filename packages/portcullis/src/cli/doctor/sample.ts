import { readFileSync } from "node:fs";
import { createKeyRing } from "../../crypto/key-ring.ts";
import { type Finding, fail, ok } from "../../doctor/finding.ts";
import { toError } from "../../doctor/subject.ts";
import { parseJsonObject } from "../../protocol/json.ts";
import type { Provider } from "../../protocol/provider.ts";
import { toTokens } from "../../protocol/token-response.ts";
import type { IdTokenClaims, UserClaims } from "../../protocol/types.ts";
import { cookieNames } from "../../session/cookie-names.ts";
import { cookieBytes } from "../../session/cookies.ts";
import { COOKIE_BUDGET, sealSession } from "../../session/seal-session.ts";
import { jwtPayload } from "../../session/token-packing.ts";
import { Exit } from "../exit.ts";
import type { Terminal } from "../terminal.ts";

/**
 * What a provider has returned for a person who signed in: a token response, or claims alone. Never
 * shown.
 */
export interface Sample {
	/** Of the ID token and of userinfo together. */
	readonly claims: Readonly<Record<string, unknown>>;
	/** Absent for claims alone. */
	readonly response?: Readonly<Record<string, unknown>>;
}

const USAGE = 2;

/**
 * Reads a sample: a JSON object, either a token response (`access_token`, `id_token`, ..., and
 * `userinfo` if it is at hand) or claims.
 *
 * @param file `-` for the standard input.
 * @throws {Exit} 2 for what is neither. Quotes nothing of it.
 */
export async function readSample(file: string, terminal: Terminal): Promise<Sample> {
	const object = parseJsonObject(file === "-" ? ((await terminal.in?.()) ?? "") : readText(file));
	if (object === undefined) throw new Exit(USAGE, `The sample ${file} is no JSON object.\n`);
	if (typeof object.access_token !== "string") return { claims: object };
	const { userinfo, ...response } = object;
	const more = typeof userinfo === "object" && userinfo !== null ? userinfo : {};
	return { claims: { ...claimsOf(response.id_token, file), ...more }, response: object };
}

function readText(file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		throw new Exit(
			USAGE,
			`The sample ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).\n`,
		);
	}
}

function claimsOf(idToken: unknown, file: string): Readonly<Record<string, unknown>> {
	try {
		return typeof idToken === "string" ? jwtPayload(idToken) : {};
	} catch {
		throw new Exit(USAGE, `The id_token of the sample ${file} is no JWT.\n`);
	}
}

/**
 * Seals the sample as a login would, under a key that is thrown away, and says how much of the
 * budget it takes.
 */
export async function examineBudget(
	provider: Provider,
	sample: Sample,
	now: number,
): Promise<readonly Finding[]> {
	if (sample.response === undefined) return [];
	const { userinfo, ...response } = sample.response;
	const by = { provider: provider.name };
	const claims = {
		sub: "sample",
		...claimsOf(response.id_token, "sample"),
	} as unknown as IdTokenClaims;
	const extra =
		typeof userinfo === "object" && userinfo !== null ? { userinfo: userinfo as UserClaims } : {};
	const tokens = toTokens({ response, claims, transaction: undefined, previous: undefined }, now);
	const [ring, names] = await Promise.all([
		createKeyRing([crypto.randomUUID() + crypto.randomUUID()]),
		cookieNames(provider.name, provider.issuer, provider.clientId),
	]);
	try {
		const login = { tokens, claims, ...extra };
		const options = {
			now: Math.floor(now / 1000),
			requestCookies: new Map(),
			otherBytes: 0,
			canRefetchUserinfo: true,
		};
		const { cookies } = await sealSession({ ring, names: names.ordinary }, login, options);
		const bytes = cookies.reduce((sum, cookie) => sum + cookieBytes(cookie), 0);
		return [
			ok(
				"cookie-budget",
				`A session like the sample takes ${bytes} of ${COOKIE_BUDGET} bytes of cookies`,
				by,
			),
		];
	} catch (error) {
		return [
			fail("cookie-budget", {
				...by,
				title: "A session like the sample does not fit into cookies",
				cause: toError(error).message,
				fix: "Have the provider put fewer groups and claims into its tokens, ask for fewer scopes, or drop what the app never uses in the hook selectTokens.",
			}),
		];
	}
}
