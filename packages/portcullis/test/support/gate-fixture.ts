import {
	type Auth,
	type Gate,
	type GateOptions,
	type LogEntry,
	type PortcullisOptions,
	Provider,
	portcullis,
	type User,
	type UserClaims,
} from "../../src/index.ts";
import type { ProviderSettings } from "../../src/provider.ts";
import {
	type FaultyIdp,
	type FaultyIdpOptions,
	startFaultyIdp,
} from "../../src/testing/faulty-idp.ts";
import { afterEachFile } from "./after-file.ts";
import { type Answer, ScriptedBrowser } from "./scripted-browser.ts";
import { type Listening, listenFetch } from "./web-server.ts";

/** Claims of the people in these tests. */
export interface Person extends UserClaims {
	groups?: string[];
}

/**
 * Stands in every body that the app behind the gate writes, and in nothing that the gate writes.
 */
export const MARKER = "served-by-the-app";
/** Strong enough for `PORTCULLIS_SECRET`; of no use anywhere else. */
export const SECRET = "q0Zk3vT8xLr1Yb6Nw9Hd4Js7Mf2Pg5Ac";

export interface GateFixtureOptions {
	/** Names of the providers; each has an identity provider of its own. Default: `generic`. */
	readonly providers?: readonly string[];
	readonly idp?: FaultyIdpOptions;
	/** Of every provider. */
	readonly settings?: ProviderSettings;
	readonly auth?: Omit<PortcullisOptions, "providers">;
	/** Changes the variables that the providers are set up by. */
	readonly env?: (
		env: Readonly<Record<string, string>>,
	) => Readonly<Record<string, string | undefined>>;
	/** Makes the class of a provider from its name, to replace hooks. Default: none is replaced. */
	readonly providerClass?: typeof providerClass;
	readonly gate?: GateOptions<Person> | ((auth: Auth<Person>) => GateOptions<Person>);
	/** The app. Default: says `MARKER`, the path and who asks. */
	readonly app?: (request: Request, user: User<Person> | undefined) => Response | Promise<Response>;
	/** How the gate is served. Default: `gate.handle` on `node:http`. */
	readonly serve?: (gate: Gate<Person>) => Promise<Listening>;
}

/** A gate that is served. */
export interface Replica {
	readonly origin: string;
	readonly gate: Gate<Person>;
	/** What the gate logged. */
	readonly log: LogEntry[];
}

/** A gate in front of an app, with identity providers that can be bent. */
export interface GateFixture extends Replica {
	/** The first identity provider. */
	readonly idp: FaultyIdp;
	readonly idps: readonly FaultyIdp[];
	/**
	 * Another gate with the same configuration, which has seen nothing yet. It shares the clock and
	 * nothing else.
	 */
	openReplica(): Promise<Replica>;
	/** The gate's clock; `ahead` in seconds. */
	readonly clock: { ahead: number };
	/** Signs in through the login page, like a person, and returns the page that comes last. */
	signIn(browser?: ScriptedBrowser, options?: SignInOptions): Promise<Answer>;
}

export interface SignInOptions {
	/** The page that is asked for. Default `/private`. */
	readonly path?: string;
	/** Default: the first provider. */
	readonly provider?: string;
}

const running: FaultyIdp[] = [];

afterEachFile(async () => {
	await Promise.all(running.splice(0).map((idp) => idp.close()));
});

/** Starts it all. Ends with the tests of the file. */
export async function startGate(options: GateFixtureOptions = {}): Promise<GateFixture> {
	const names = options.providers ?? ["generic"];
	const idps = await Promise.all(names.map((name) => startIdp(name, options.idp)));
	const clock = { ahead: 0 };
	const env: Record<string, string> = Object.assign(
		{},
		...names.map((name, i) => prefixed(name, idps[i]?.env ?? {})),
	);
	const app = options.app ?? defaultApp;
	const open = async (): Promise<Replica> => {
		const log: LogEntry[] = [];
		const auth = portcullis({
			secret: SECRET,
			...options.auth,
			providers: names.map((name) => {
				const Named = (options.providerClass ?? providerClass)(name);
				return options.settings ? new Named(options.settings) : Named;
			}),
			platform: {
				env: options.env?.(env) ?? env,
				log: (entry) => log.push(entry),
				now: () => Date.now() + clock.ahead * 1000,
				...options.auth?.platform,
			},
		} as PortcullisOptions) as Auth<Person>;
		const gate = auth.gate(typeof options.gate === "function" ? options.gate(auth) : options.gate);
		const serve = options.serve ?? (() => listenFetch((request) => gate.handle(request, app)));
		const { origin } = await serve(gate);
		return { origin, gate, log };
	};
	const { origin, gate, log } = await open();
	const [idp] = idps;
	if (idp === undefined) throw new Error("A gate needs a provider");

	return {
		origin,
		gate,
		idp,
		idps,
		log,
		clock,
		openReplica: open,
		async signIn(
			browser = new ScriptedBrowser(),
			{ path = "/private", provider = names[0] ?? "" } = {},
		) {
			const page = await browser.navigate(origin + path);
			return browser.click(startHref(page, provider));
		},
	};
}

/** The link of a provider's button on a login page. */
export function startHref(page: Answer, provider: string): string {
	const hrefs = [...page.body.matchAll(/<a class="button[^"]*" href="([^"]*)"/g)].map(
		([, href = ""]) => href.replaceAll("&amp;", "&"),
	);
	const href = hrefs.find((one) => new URL(one, "http://a").pathname.endsWith(`/${provider}`));
	if (href === undefined)
		throw new Error(`No button for ${provider} on ${page.url} (${page.status})`);
	return href;
}

/**
 * Names of the cookies in a browser that can make somebody signed in, and of the marker that says
 * so.
 */
export function sessionCookies(browser: ScriptedBrowser): string[] {
	return [...browser.jar.keys()].filter((name) =>
		/^__Host-[a-z_]+-.{6}-(at|id|rt|sc|on)(\.\d+)?$/.test(name),
	);
}

export function transactionCookies(browser: ScriptedBrowser): string[] {
	return [...browser.jar.keys()].filter((name) => /^__Host-[a-z_]+-.{6}-tx-/.test(name));
}

/** A cookie header of every cookie in a browser, whatever its attributes. */
export function allCookies(browser: ScriptedBrowser): string {
	return [...browser.jar].map(([name, { value }]) => `${name}=${value}`).join("; ");
}

/** A provider of that name, set up by `{NAME}_*` variables. */
export function providerClass(name: string): new (settings?: ProviderSettings) => Provider<Person> {
	return class extends Provider<Person> {
		readonly name = name;
	};
}

function defaultApp(request: Request, user: User<Person> | undefined): Response {
	return new Response(`${MARKER} ${new URL(request.url).pathname} for ${user?.sub ?? "nobody"}`);
}

async function startIdp(name: string, options: FaultyIdpOptions | undefined): Promise<FaultyIdp> {
	// A key on a curve is made in no time, an RSA key is not.
	const client = {
		clientId: `${name}-client`,
		clientSecret: `${name}-client-secret-h7Kq2Vx9Tz4Lm6`,
	};
	const idp = await startFaultyIdp({ algorithm: "ES256", clients: [client], ...options });
	running.push(idp);
	return idp;
}

function prefixed(name: string, env: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(env).map(([key, value]) => [key.replace("OIDC", name.toUpperCase()), value]),
	);
}
