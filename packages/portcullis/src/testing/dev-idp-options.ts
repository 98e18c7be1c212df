import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import { type DevPerson, defaultPeople } from "./dev-idp-people.ts";

/** An app that may use the development identity provider. */
export interface DevClient {
	readonly clientId: string;
	/** Absent for a public client, which authenticates with PKCE alone (RFC 6749 section 2.1). */
	readonly clientSecret?: string;
	/** Shown on the sign-in page. Default: the client id. */
	readonly name?: string;
}

/** An app that takes access tokens itself, as an API. */
export interface DevApi {
	/** Absolute URI: `resource` in requests (RFC 8707), `aud` in its access tokens. */
	readonly audience: string;
	/** Scopes that its access tokens can have, besides those of every login. Default: none. */
	readonly scopes?: readonly string[];
}

/** Options of `startDevIdp`. All optional; unknown ones are refused. */
export interface DevIdpOptions {
	/** TCP port. Default 0: any free one. */
	readonly port?: number;
	/**
	 * Host of the issuer: `localhost` (default) or `127.0.0.1`. For a browser the two are different
	 * sites: put the app on one and the identity provider on the other to see what `SameSite` cookies
	 * do with a real one.
	 */
	readonly host?: "localhost" | "127.0.0.1";
	/** Who can sign in; replaces the default people. */
	readonly people?: readonly DevPerson[];
	/** Who may ask; the first one is in `env`. Default: one confidential client, `portcullis-dev`. */
	readonly clients?: readonly DevClient[];
	/**
	 * APIs that it makes JWT access tokens for (RFC 9068), which they verify with the keys of
	 * `/jwks`. A login gets one by naming the API as `audience` or as `resource` (RFC 8707);
	 * programs, which are clients with a secret, by client credentials (RFC 6749 section 4.4). The
	 * first one's audience is in `env`. Default: none, and access tokens are opaque.
	 */
	readonly apis?: readonly DevApi[];
	/** Lifetime of access tokens in seconds. Default 3,600. */
	readonly accessTokenLifetime?: number;
	/** Lifetime of ID tokens in seconds. Default 3,600. */
	readonly idTokenLifetime?: number;
	/**
	 * Lifetime of a refresh token in seconds, renewed at each rotation. Default 1,209,600 (14 days).
	 */
	readonly refreshTokenLifetime?: number;
	/**
	 * Lifetime of the identity provider's own session in seconds: as long, a second login shows no
	 * page. Default 86,400.
	 */
	readonly sessionLifetime?: number;
	/**
	 * `Cross-Origin-Opener-Policy` of its pages, as some providers send it: a login popup then loses
	 * the window that opened it. Default: none.
	 */
	readonly openerPolicy?: "same-origin" | "same-origin-allow-popups";
	/** Private signing keys as a JSON Web Key Set, RSA for RS256. Default: one key, made at start. */
	readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
}

/** Options with every default in place. */
export type ResolvedDevIdpOptions = Required<Omit<DevIdpOptions, "jwks" | "openerPolicy">> &
	Pick<DevIdpOptions, "jwks" | "openerPolicy">;

/**
 * The client of a development identity provider that was given none. The secret is public: it
 * protects nothing.
 */
export const defaultClient: Required<DevClient> = {
	clientId: "portcullis-dev",
	clientSecret: "development-only-secret-do-not-use-in-production",
	name: "Your app",
};

const day = 86_400;
const hour = 3600;

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} with every mistake found: unknown options, people or clients that are not
 *   well-formed or not unique.
 */
export function resolveDevIdpOptions(options: DevIdpOptions): ResolvedDevIdpOptions {
	const resolved: ResolvedDevIdpOptions = {
		port: options.port ?? 0,
		host: options.host ?? "localhost",
		people: options.people ?? defaultPeople,
		clients: options.clients ?? [defaultClient],
		apis: options.apis ?? [],
		accessTokenLifetime: options.accessTokenLifetime ?? hour,
		idTokenLifetime: options.idTokenLifetime ?? hour,
		refreshTokenLifetime: options.refreshTokenLifetime ?? 14 * day,
		sessionLifetime: options.sessionLifetime ?? day,
		...(options.openerPolicy !== undefined && { openerPolicy: options.openerPolicy }),
		...(options.jwks !== undefined && { jwks: options.jwks }),
	};
	const problems = [
		...unknownOptions(options),
		...numberProblems(resolved),
		...clientProblems(resolved.clients),
		...apiProblems(resolved.apis),
		...peopleProblems(resolved.people),
	];
	if (!["localhost", "127.0.0.1"].includes(resolved.host)) {
		problems.push({
			problem: `host is ${show(resolved.host)}.`,
			remedy: 'Use "localhost" or "127.0.0.1": it answers this machine only.',
		});
	}
	if (![undefined, "same-origin", "same-origin-allow-popups"].includes(options.openerPolicy)) {
		problems.push({
			problem: `openerPolicy is ${show(options.openerPolicy)}.`,
			remedy: 'Use "same-origin" or "same-origin-allow-popups", or leave it out.',
		});
	}
	if (problems.length > 0) throw new ConfigError(problems);
	return resolved;
}

/**
 * What is wrong with a list of people, which may come from a file; nothing if it is a
 * `DevPerson[]`.
 */
export function peopleProblems(people: unknown): ConfigProblem[] {
	if (!Array.isArray(people) || people.length === 0) {
		return [
			{
				problem: "people is not a list, or an empty one.",
				remedy: 'Give [{ "sub": "...", "name": "...", "email": "..." }].',
			},
		];
	}
	const problems = people.flatMap((person: unknown, index) =>
		personProblems(person).map((problem) => ({
			problem: `people[${index}]: ${problem}`,
			remedy: personRemedy,
		})),
	);
	for (const sub of repeated(people.map((person: DevPerson | null) => person?.sub))) {
		problems.push({
			problem: `people: two have the sub ${show(sub)}.`,
			remedy: "Give each person a sub of their own.",
		});
	}
	return problems;
}

const personRemedy =
	"A person is { sub, name, email, picture?, groups?, claims? }: sub of 1 to 255 ASCII characters, name and email as text, " +
	"picture an http(s) or data:image URL, groups a list of text, claims an object.";

/** Claims that say something about the token or the login, not about the person. */
const protocolClaims = new Set(
	"iss aud exp iat nbf jti nonce auth_time acr amr azp at_hash c_hash s_hash sid sub name email email_verified picture groups".split(
		" ",
	),
);

const personKeys = new Set(["sub", "name", "email", "picture", "groups", "claims"]);

function personProblems(person: unknown): string[] {
	if (!isRecord(person)) return ["is not an object."];
	const problems = Object.keys(person)
		.filter((key) => !personKeys.has(key))
		.map((key) => `has an unknown member ${show(key)}; other claims go into "claims".`);
	if (typeof person.sub !== "string" || !/^[\x20-\x7e]{1,255}$/.test(person.sub))
		problems.push("sub is missing or not well-formed.");
	for (const key of ["name", "email"] as const) {
		if (typeof person[key] !== "string" || person[key].trim() === "")
			problems.push(`${key} is missing or empty.`);
	}
	if (person.picture !== undefined && !isPicture(person.picture))
		problems.push("picture is not an http(s) or data:image URL.");
	if (
		person.groups !== undefined &&
		!(Array.isArray(person.groups) && person.groups.every((group) => typeof group === "string"))
	) {
		problems.push("groups is not a list of text.");
	}
	if (person.claims === undefined) return problems;
	if (!isRecord(person.claims)) return [...problems, "claims is not an object."];
	const reserved = Object.keys(person.claims).filter((claim) => protocolClaims.has(claim));
	return [...problems, ...reserved.map((claim) => `claims cannot set ${show(claim)}.`)];
}

function isPicture(picture: unknown): boolean {
	if (typeof picture !== "string") return false;
	const url = URL.parse(picture);
	return url !== null && (/^https?:$/.test(url.protocol) || url.href.startsWith("data:image/"));
}

function clientProblems(clients: readonly DevClient[]): ConfigProblem[] {
	const remedy =
		"A client is { clientId, clientSecret?, name? }: printable ASCII, and the secret, if any, of 32 characters or more.";
	if (!Array.isArray(clients) || clients.length === 0)
		return [{ problem: "clients is not a list, or an empty one.", remedy }];
	const problems: ConfigProblem[] = clients.flatMap(
		({ clientId, clientSecret }: DevClient, index) => {
			const found: ConfigProblem[] = [];
			if (typeof clientId !== "string" || !/^[\x21-\x7e]+$/.test(clientId))
				found.push({ problem: `clients[${index}]: clientId is not well-formed.`, remedy });
			if (clientSecret !== undefined && !/^[\x20-\x7e]{32,}$/.test(clientSecret)) {
				found.push({
					problem: `clients[${index}]: clientSecret is too short or not ASCII.`,
					remedy,
				});
			}
			return found;
		},
	);
	for (const clientId of repeated(clients.map((client) => client.clientId))) {
		problems.push({
			problem: `clients: two have the clientId ${show(clientId)}.`,
			remedy: "Give each client an id of its own.",
		});
	}
	return problems;
}

function apiProblems(apis: readonly DevApi[]): ConfigProblem[] {
	const remedy =
		'An API is { audience, scopes? }: an absolute URI without fragment, such as "https://app.example.com/api".';
	return apis.flatMap((api, index) => {
		const url = URL.parse(api?.audience);
		const isAudience = url !== null && url.hash === "" && !api.audience.includes("#");
		const { scopes = [] } = api ?? {};
		const areScopes =
			Array.isArray(scopes) && scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope));
		return isAudience && areScopes
			? []
			: [{ problem: `apis[${index}] is not well-formed.`, remedy }];
	});
}

function numberProblems(options: ResolvedDevIdpOptions): ConfigProblem[] {
	const lifetimes = [
		"accessTokenLifetime",
		"idTokenLifetime",
		"refreshTokenLifetime",
		"sessionLifetime",
	] as const;
	const problems = lifetimes
		.filter((name) => !Number.isSafeInteger(options[name]) || options[name] < 1)
		.map((name) => ({
			problem: `${name} is ${show(options[name])}.`,
			remedy: "Give whole seconds, 1 or more.",
		}));
	if (Number.isInteger(options.port) && options.port >= 0 && options.port <= 65_535)
		return problems;
	return [
		...problems,
		{
			problem: `port is ${show(options.port)}.`,
			remedy: "Give a port from 0 (any free one) to 65535.",
		},
	];
}

const known = new Set(
	"port host people clients apis accessTokenLifetime idTokenLifetime refreshTokenLifetime sessionLifetime openerPolicy jwks".split(
		" ",
	),
);

function unknownOptions(options: DevIdpOptions): ConfigProblem[] {
	return Object.keys(options)
		.filter((name) => !known.has(name))
		.map((name) => ({
			problem: `Unknown option ${show(name)}.`,
			remedy: `The options are: ${[...known].join(", ")}.`,
		}));
}

function repeated<T>(values: readonly T[]): T[] {
	return [
		...new Set(
			values.filter((value, index) => value !== undefined && values.indexOf(value) !== index),
		),
	];
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
	return JSON.stringify(value) ?? String(value);
}
