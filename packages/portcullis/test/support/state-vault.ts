import { z } from "zod";
import type { Auth } from "../../src/index.ts";
import { type GateFixture, type Person, startGate } from "./gate-fixture.ts";

/** Who a secret is for: signed-in people, members of `owners`, nobody at all. */
export type SecretKind = "login" | "owners" | "never";

/** How long the secrets are, in characters that follow the marker. */
export type SecretLengths = Readonly<Record<SecretKind, number>>;

const MARKS = /mark-(login|owners|never)-/g;

/** The kinds of secrets that stand in a text. */
export function marksIn(text: string): Set<SecretKind> {
	return new Set([...text.matchAll(MARKS)].map(([, kind]) => kind as SecretKind));
}

/**
 * States whose protected values, messages and logs are full of marked secrets. Public events write
 * them, so that every client holds some.
 */
export function vaultGate(auth: Auth<Person>, lengths: SecretLengths) {
	const { State, field, computed, event, serverOnly, topic, check } = auth;
	const secret = (kind: SecretKind, name: string) =>
		`mark-${kind}-${name}-${"x".repeat(lengths[kind])}`;
	const isOwner = check(({ user }) => user.claims.groups?.includes("owners") === true);
	const isOwnerLater = check(async ({ user }) => user.claims.groups?.includes("owners") === true);
	const refuses = check(() => {
		throw new Error(secret("never", "check"));
	});
	const table = topic("table");
	let changes = 0;
	const never = { auth: isOwnerLater };

	class Vault extends State {
		open = field("open", { auth: false });
		steps = field(0, { auth: false });
		draft = field("");
		list = field<readonly { readonly text: string }[]>([]);
		plans = field("", { auth: isOwner });
		plansLater = field(new Map<string, string>(), never);
		refused = field("", { auth: refuses });
		hidden = serverOnly("");
		rows = computed(() => [secret("login", `rows${changes % 10}`)], { on: [table], initial: [] });
		length = computed(() => this.draft.value, { initial: "" });
		audit = computed(() => secret("owners", `audit${changes % 10}`), {
			auth: isOwner,
			on: [table],
			initial: "",
		});
		fetched = computed(
			() => this.draft.value,
			async ({ dependencies: draft }) => `${draft} ${secret("login", "fetched")}`,
			{ initial: "" },
		);
		report = computed(
			() => this.plans.value,
			async ({ dependencies: plans }) => `${plans} ${secret("owners", "report")}`,
			{ auth: isOwner, initial: "" },
		);
		broken = computed(
			(): string => {
				throw new Error(secret("never", "broken"));
			},
			{ auth: false, initial: "initial" },
		);
		brokenLater = computed(
			() => 1,
			async (): Promise<string> => {
				throw new Error(secret("never", "brokenLater"));
			},
			{ auth: false, initial: "initial" },
		);
		unsendable = computed((): unknown => ({ text: secret("never", "unsendable"), run: () => 1 }), {
			auth: false,
			initial: null,
		});

		fill = event({ auth: false }, () => this.#fill());
		fillBySteps = event({ auth: false }, async function* (this: Vault) {
			this.#fill();
			this.steps.value++;
			yield;
			this.steps.value++;
			this.draft.value = secret("login", "draft-2");
			yield;
			return "filled";
		});
		fillBeside = event({ auth: false, background: true }, async ({ update }) => {
			await update(() => this.#fill());
			return "filled";
		});
		fail = event({ auth: false }, () => {
			this.#fill();
			throw Object.assign(new Error(secret("never", "fail")), {
				code: secret("never", "code"),
				status: 500,
			});
		});
		failUnsendable = event({ auth: false }, () => ({
			text: secret("never", "result"),
			run: () => 1,
		}));
		typed = event(
			{ auth: false, input: z.object({ n: z.number().max(9), s: z.string().max(5) }) },
			({ input: { n, s } }) => s + n,
		);
		read = event(() => secret("login", "read"));
		readPlans = event(
			{ auth: isOwner, input: z.number() },
			({ input: n }) => `${n} ${secret("owners", "read")}`,
		);
		readRefused = event({ auth: refuses }, () => secret("never", "read"));
		change = event(() => {
			changes++;
			table.changed();
		});

		#fill(): void {
			this.draft.value = secret("login", "draft");
			this.list.value = [{ text: secret("login", "list") }];
			this.plans.value = secret("owners", "plans");
			this.plansLater.value = new Map([["text", secret("owners", "later")]]);
			this.refused.value = secret("never", "refused");
			this.hidden.value = secret("never", "hidden");
		}
	}
	const pages = {
		"/": { auth: false },
		"/data.json": { auth: false },
		"/data.js": { auth: false },
		"/owners/*": { auth: isOwner },
		"/refused": { auth: refuses },
	} as const;
	return { states: { vault: Vault }, pages };
}

/** The vault in front of pages that carry a snapshot: in HTML, as JSON and as script. */
export async function startVault(lengths: SecretLengths): Promise<GateFixture> {
	let fixture: GateFixture | undefined;
	fixture = await startGate({
		idp: { accessTokenLifetime: 200 },
		gate: (auth) => vaultGate(auth, lengths),
		app: async (request) => {
			const snapshot = await fixture?.gate.snapshot(request);
			const json = JSON.stringify(snapshot).replaceAll("<", "\\u003c");
			const { pathname } = new URL(request.url);
			if (pathname === "/data.json")
				return new Response(json, { headers: { "Content-Type": "application/json" } });
			if (pathname === "/data.js")
				return new Response(`seed(${json})`, { headers: { "Content-Type": "text/javascript" } });
			const html = `<!doctype html><title>Vault</title><script type="application/json" id="seed">${json}</script>`;
			return new Response(html, { headers: { "Content-Type": "text/html; charset=utf-8" } });
		},
	});
	return fixture;
}
