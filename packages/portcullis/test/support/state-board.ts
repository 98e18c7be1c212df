import { z } from "zod";
import { type Auth, LoginError } from "../../src/index.ts";
import type { StateStore } from "../../src/state.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	type Person,
	startGate,
} from "./gate-fixture.ts";

/** What a board of a test shares with the test: outside of any client's state. */
export interface Board {
	readonly fixture: GateFixture;
	/** Rows that everybody who is signed in sees. */
	readonly rows: string[];
	/** What a rule asks for that is in nobody's state. */
	isOpen: boolean;
	/** Everything that a handler did beyond its state, in order. */
	readonly done: string[];
	/** Handlers wait here, by the name that they were called with, until it is opened. */
	readonly doors: Doors;
	/** Says that the rows have changed. */
	changed(): void;
}

/** Places where a handler waits for the test. */
export class Doors {
	readonly #doors = new Map<string, PromiseWithResolvers<void>>();
	readonly #reached = new Map<string, PromiseWithResolvers<void>>();

	/** For the handler: says that it is here, and waits. */
	wait(name: string): Promise<void> {
		of(this.#reached, name).resolve();
		return of(this.#doors, name).promise;
	}

	/** For the test: waits until a handler is there. */
	reached(name: string): Promise<void> {
		return of(this.#reached, name).promise;
	}

	open(name: string): void {
		of(this.#doors, name).resolve();
	}
}

/** A gate with states of every kind. */
export async function startBoard(
	options: { store?: StateStore; auth?: GateFixtureOptions["auth"] } = {},
): Promise<Board> {
	const shared = { rows: [] as string[], isOpen: true, done: [] as string[], doors: new Doors() };
	let changed = () => {};
	const fixture = await startGate({
		auth: { ...options.auth, ...(options.store && { store: options.store }) },
		gate: (auth) => {
			const topic = auth.topic("rows");
			changed = () => topic.changed();
			return boardGate(auth, shared, changed);
		},
	});
	return Object.assign(shared, { fixture, changed });
}

function boardGate(
	auth: Auth<Person>,
	shared: Omit<Board, "fixture" | "changed">,
	changed: () => void,
) {
	const { State, field, computed, event, check, serverOnly, topic } = auth;
	const { rows, done, doors } = shared;
	const isOwner = check(({ user }) => user.claims.groups?.includes("owners") === true);
	const isOpen = check(() => shared.isOpen);
	const text = { input: z.string() };
	const number = { input: z.number() };

	class Keys extends State {
		has = serverOnly(false);
		shown = field(false);
		take = event(() => {
			this.has.value = true;
		});
		drop = event(() => {
			this.has.value = false;
		});
	}
	const hasKey = check(({ getState }) => getState(Keys).has.value);

	class Everything extends State {
		dark = field(false, { auth: false });
		draft = field("");
		numbers = field<readonly number[]>([]);
		count = field(0);
		other = field(0);
		locked = field("", { auth: hasKey });
		gated = computed(() => "behind a key", { auth: hasKey, initial: "" });
		opened = computed(() => "while it is open", { auth: isOpen, initial: "" });
		plans = computed(() => "plans of the owners", { auth: isOwner, initial: "" });
		mine = computed(({ user }) => user.sub, { initial: "" });
		rows = computed(() => [...rows], { on: [topic("rows")], initial: [] });
		size = computed(() => this.rows.value.length, { initial: 0 });
		later = computed(
			() => this.draft.value,
			async ({ dependencies: draft }) => `later ${draft}`,
			{ initial: "" },
		);

		toggle = event({ auth: false }, () => {
			this.dark.value = !this.dark.value;
		});
		write = event(text, ({ input: draft }) => {
			this.draft.value = draft;
			this.locked.value = `locked ${draft}`;
			done.push(`write ${draft}`);
			return draft;
		});
		/** Reads, waits and writes: loses updates unless it is alone. */
		append = event(number, async ({ input: n }) => {
			const { count } = { count: this.count.value };
			this.numbers.value = [...this.numbers.value, n];
			await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
			this.count.value = count + 1;
			this.other.value++;
			done.push(`append ${n}`);
		});
		add = event(text, ({ input: row }) => {
			rows.push(row);
			changed();
		});
		plan = event({ auth: isOwner }, () => {
			this.draft.value = "planned";
		});
		waitFor = event(text, async ({ input: name, signal }) => {
			this.draft.value = `before ${name}`;
			signal.addEventListener("abort", () => done.push(`aborted ${name}`));
			await doors.wait(name);
			done.push(`went on ${name}`);
			this.draft.value = `after ${name}`;
			this.dark.value = true;
			done.push(`wrote ${name}`);
			return name;
		});
		/** Waits, and writes nothing afterwards. */
		waitOnly = event(text, async ({ input: name }) => {
			this.draft.value = `before ${name}`;
			this.dark.value = true;
			await doors.wait(name);
			return name;
		});
		beside = event({ ...text, background: true }, async ({ input: name, update }) => {
			await update(() => {
				this.draft.value = `before ${name}`;
			});
			await doors.wait(name);
			await update(() => {
				this.draft.value = `after ${name}`;
				this.dark.value = true;
			});
			done.push(`wrote ${name}`);
			return name;
		});
		quick = event({ ...text, background: true }, async ({ input: name, update }) => {
			await update(() => {
				this.draft.value = name;
			});
		});
		bySteps = event(text, async function* (this: Everything, { input: name }) {
			this.draft.value = `${name} 1`;
			yield;
			this.draft.value = `${name} 2`;
			yield;
			this.draft.value = `${name} 3`;
			return name;
		});
		/** Gives out what it likes as often as the door is opened. */
		watch = event({ auth: true }, async function* (this: Everything) {
			for (let i = 0; i < 3; i++) {
				yield;
				await doors.wait(`watch ${i}`);
			}
		});
		failLate = event(async function* (this: Everything) {
			this.draft.value = "kept";
			yield;
			this.draft.value = "undone";
			this.count.value = 99;
			throw new Error("no good");
		});
		fail = event(() => {
			this.draft.value = "undone";
			this.numbers.value = [99];
			this.dark.value = !this.dark.value;
			throw new Error("no good");
		});
		escape = event(text, ({ input: name }) => {
			void doors.wait(name).then(() => {
				try {
					this.draft.value = "written afterwards";
					done.push("escaped");
				} catch (error) {
					done.push(`refused ${(error as { code?: string }).code}`);
				}
			});
		});
		/** Writes afterwards, as often as its door is opened, and catches nothing. */
		float = event(text, ({ input: name }) => {
			for (const n of [1, 2])
				void doors.wait(`${name} ${n}`).then(() => {
					this.draft.value = "written afterwards";
					this.dark.value = true;
					done.push(`went on ${n}`);
				});
		});
		refuse = event(() => {
			throw new LoginError("access_denied", "Thrown by a handler");
		});
		directly = event({ background: true }, async () => {
			await Promise.resolve();
			this.draft.value = "written without update";
		});
	}
	return { states: { board: Everything, keys: Keys }, pages: { "/": { auth: false } } as const };
}

function of(
	doors: Map<string, PromiseWithResolvers<void>>,
	name: string,
): PromiseWithResolvers<void> {
	const door = doors.get(name) ?? Promise.withResolvers<void>();
	doors.set(name, door);
	return door;
}
