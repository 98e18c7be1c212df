import { Hono } from "hono";
import { portcullis } from "portcullis";
import { protect } from "portcullis/hono";
import { memory } from "portcullis/state";

/** An app of the state benchmark, with what its process may be told from outside. */
export interface StateApp {
	readonly app: Hono;
	/** Puts so many in the shared data and says that they have changed. */
	change(count: number): void;
	/** Sets the gate's clock forward. Milliseconds. */
	advance(milliseconds: number): void;
}

/** Fields of `wide`, and how many of them have a check. */
export const WIDE: { readonly fields: number; readonly checks: number } = {
	fields: 200,
	checks: 50,
};

/** A text, as a Standard Schema: what a validation library adds is not measured here. */
const TEXT = {
	"~standard": {
		version: 1,
		vendor: "bench",
		types: undefined as { readonly input: string; readonly output: string } | undefined,
		validate: (value: unknown) =>
			typeof value === "string" && value.length <= 500
				? { value }
				: { issues: [{ message: "a text of at most 500 characters" }] },
	},
} as const;

/**
 * `bare`: one JSON route of Hono, whose answer has what an event's answer has. `gate`: server state
 * behind the gate, in `memory()`.
 */
export function createStateApp(name: "bare" | "gate"): StateApp {
	return name === "bare" ? createBareApp() : createGateApp();
}

function createBareApp(): StateApp {
	let rev = Date.now() * 1000;
	const epoch = rev;
	const app = new Hono();
	app.post("/draft", async (c) => {
		const { payload } = await c.req.json<{ payload: string }>();
		rev++;
		return c.json({
			delta: { type: "delta", delta: { rev, values: { "notes.draft": [payload] } }, epoch },
			outcome: { type: "outcome", outcome: { status: "ok", value: [payload.length] }, epoch },
		});
	});
	return { app, change() {}, advance() {} };
}

function createGateApp(): StateApp {
	let ahead = 0;
	const auth = portcullis({
		extraScopes: ["offline_access", "groups"],
		platform: { now: () => Date.now() + ahead },
		store: memory(),
	});
	const { State, field, computed, event, check, topic } = auth;
	const shared = topic("notes");
	let table: readonly string[] = ["Buy milk", "Call Grace", "Water the plants"];
	const isInTeam = check("isInTeam", ({ user }) =>
		inGroup(user.claims.groups, "engineering-team-07"),
	);

	/** About what a page of an app has. */
	class NotesState extends State {
		darkMode = field(false, { auth: false });
		draft = field("");
		filter = field("all");
		notes = computed(() => table, { on: [shared], initial: [] });
		noteCount = computed(() => this.notes.value.length, { initial: 0 });
		isLong = computed(() => this.draft.value.length > 200, { initial: false });
		report = computed(() => `${this.noteCount.value} notes`, { auth: isInTeam, initial: "" });

		toggleDarkMode = event({ auth: false }, () => {
			this.darkMode.value = !this.darkMode.value;
		});
		saveDraft = event({ input: TEXT }, ({ input: text }) => {
			this.draft.value = text;
			return text.length;
		});
		showAll = event(() => {
			this.filter.value = "all";
		});
	}

	class WideState extends State {
		constructor() {
			super();
			const fields = Array.from({ length: WIDE.fields }, (_, i) => [`value${i}`, createField(i)]);
			Object.assign(this, Object.fromEntries(fields));
		}
	}

	const checks = Array.from({ length: WIDE.checks }, (_, i) => {
		// One in three is a group that the person is not in.
		const group = `engineering-team-${String(i % 30).padStart(2, "0")}`;
		return check(`isIn${i}`, ({ user }) => inGroup(user.claims.groups, group));
	});

	/** Texts, numbers and lists in turn; every fourth field has a check. */
	function createField(i: number) {
		const value = [`The value of field ${i}`, i, [i, `${i}`, true]][i % 3] ?? null;
		const rule =
			i % (WIDE.fields / WIDE.checks) === 0 ? checks[i / (WIDE.fields / WIDE.checks)] : undefined;
		return rule ? field(value, { auth: rule }) : field(value);
	}

	const gate = auth.gate({ states: { notes: NotesState, wide: WideState } });
	return {
		app: protect(new Hono(), gate) as unknown as Hono,
		change(count) {
			table = [
				`change ${count};`,
				...Array.from({ length: 20 }, (_, i) => `A note that everybody may read, number ${i}`),
			];
			shared.changed();
		},
		advance(milliseconds) {
			ahead += milliseconds;
		},
	};
}

function inGroup(groups: unknown, group: string): boolean {
	return Array.isArray(groups) && groups.includes(group);
}
