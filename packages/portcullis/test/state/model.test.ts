import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventRequest } from "../../src/wire/state.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { type Board, startBoard } from "../support/state-board.ts";
import { type PersonName, signInAs, signOut, tabOf } from "../support/state-people.ts";
import { StateTab } from "../support/state-tab.ts";

/**
 * One browser with one tab, which does what a browser's client does when it is refused: hydrates.
 */
class Actor {
	readonly board: Board;
	readonly tab: StateTab;
	readonly other: StateTab;
	readonly browser = new ScriptedBrowser();
	stream: Awaited<ReturnType<StateTab["stream"]>> | undefined;
	lost: EventRequest[] = [];

	constructor(board: Board, other: StateTab) {
		this.board = board;
		this.other = other;
		this.tab = new StateTab(board.fixture.origin, this.browser);
	}

	async send(event: string, payload?: unknown): Promise<void> {
		await this.repeatLost();
		const sent = await this.tab.send(event, payload);
		if (sent.problem?.code === "client_stale" || sent.problem?.code === "event_out_of_order")
			await this.tab.hydrate();
	}

	/** The answer never arrives; whether the event was run is learned when it is repeated. */
	async lose(event: string, payload?: unknown): Promise<void> {
		await this.repeatLost();
		const request = this.tab.request(event, payload);
		await (await this.tab.post("event", request)).text();
		this.lost.push(request);
	}

	async repeatLost(): Promise<void> {
		for (const request of this.lost.splice(0)) {
			const { problem } = await this.tab.sendRequest({ ...request, repeat: true });
			if (problem?.code === "client_stale") await this.tab.hydrate();
		}
	}

	async becomes(person: PersonName): Promise<void> {
		this.lost = [];
		await signInAs(this.board.fixture, person, this.browser);
		await this.tab.hydrate();
	}

	async leaves(): Promise<void> {
		this.lost = [];
		if (this.browser.jar.size > 0) await signOut(this.tab);
		await this.tab.hydrate();
	}

	/** On the server; the browser keeps its cookies and learns it by its next request. */
	async expires(): Promise<void> {
		this.lost = [];
		this.board.fixture.clock.ahead += 3600;
		await this.send("board.toggle");
		await this.tab.hydrate();
		this.browser.jar.clear();
		this.board.fixture.clock.ahead -= 3600;
		await this.tab.hydrate();
	}

	rule(isOpen: boolean): void {
		this.board.isOpen = isOpen;
	}

	async opens(): Promise<void> {
		this.closes();
		this.stream = await this.tab.stream();
	}

	closes(): void {
		this.stream?.close();
		this.stream = undefined;
	}

	/** Whether the tab has what somebody gets who asks for everything anew. */
	async check(): Promise<void> {
		await this.repeatLost();
		// What others have changed comes with the next answer where no stream is open.
		if (
			!this.stream ||
			this.stream.lines.some(({ type }) => type === "session" || type === "stale")
		) {
			await this.send("board.toggle");
		}
		const fresh = new StateTab(this.tab.origin, this.browser);
		fresh.client = this.tab.client;
		await fresh.hydrate();
		await expect
			.poll(() => [this.tab.values, [...this.tab.withheld].sort()], { timeout: 3000, interval: 5 })
			.toEqual([fresh.values, [...fresh.withheld].sort()]);
	}
}

type Step = readonly [name: string, run: (actor: Actor) => unknown];

const STEPS: Step[] = [
	["toggle", (actor) => actor.send("board.toggle")],
	["write", (actor) => actor.send("board.write", `text ${Math.random()}`)],
	["append", (actor) => actor.send("board.append", 1)],
	["plan", (actor) => actor.send("board.plan")],
	["take the key", (actor) => actor.send("keys.take")],
	["drop the key", (actor) => actor.send("keys.drop")],
	["fail", (actor) => actor.send("board.fail")],
	["fail late", (actor) => actor.send("board.failLate")],
	["by steps", (actor) => actor.send("board.bySteps", "step")],
	["in the background", (actor) => actor.send("board.quick", `quick ${Math.random()}`)],
	["add a row", (actor) => actor.send("board.add", "row")],
	["lose a write", (actor) => actor.lose("board.write", `lost ${Math.random()}`)],
	["lose a toggle", (actor) => actor.lose("board.toggle")],
	["lose steps", (actor) => actor.lose("board.bySteps", `lost ${Math.random()}`)],
	["another adds a row", (actor) => actor.other.send("board.add", `other ${Math.random()}`)],
	["a rule opens", (actor) => actor.rule(true)],
	["a rule closes", (actor) => actor.rule(false)],
	["Ada signs in", (actor) => actor.becomes("ada")],
	["Vic signs in", (actor) => actor.becomes("vic")],
	["sign out", (actor) => actor.leaves()],
	["the session expires", (actor) => actor.expires()],
	["the stream opens", (actor) => actor.opens()],
	["the stream closes", (actor) => actor.closes()],
	["a navigation", (actor) => actor.tab.decide("/somewhere")],
];

/**
 * The rules may close without anything that the browser would hear of: then an event has to tell
 * it.
 */
test("after whatever has happened, a tab shows what a fresh look shows", {
	timeout: 60_000,
}, async () => {
	const board = await startBoard();
	const other = await tabOf(board.fixture, "ada");
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.constantFrom(...STEPS), { minLength: 3, maxLength: 20 }),
			async (steps) => {
				board.rows.length = 0;
				board.isOpen = true;
				const actor = new Actor(board, other);
				await actor.tab.hydrate();
				if (steps.length % 3 > 0) await actor.becomes(steps.length % 3 === 1 ? "ada" : "vic");
				try {
					for (const [, run] of steps) await run(actor);
					if (actor.stream) await actor.send("board.toggle");
					await actor.check();
				} catch (error) {
					throw new Error(`${steps.map(([name]) => name).join(", ")}: ${error}`, { cause: error });
				} finally {
					actor.closes();
				}
			},
		),
		{
			numRuns: 120,
			interruptAfterTimeLimit: 30_000,
			markInterruptAsFailure: false,
			endOnFailure: false,
		},
	);
});
