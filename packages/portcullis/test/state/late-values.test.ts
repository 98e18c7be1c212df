import { expect, test } from "vitest";
import { startGate } from "../support/gate-fixture.ts";
import { StateTab } from "../support/state-tab.ts";

test("a value that comes later and cannot be taken over is logged, and ends nothing", async () => {
	const broken = {
		get inner(): string {
			throw new Error("it broke");
		},
	};
	const fixture = await startGate({
		gate: ({ State, computed, field }) => {
			class Notes extends State {
				dark = field(false, { auth: false });
				later = computed(
					() => this.dark.value,
					async () => broken as { inner: string },
					{ auth: false, initial: { inner: "" } },
				);
			}
			return { states: { notes: Notes } };
		},
	});
	const tab = new StateTab(fixture.origin);
	await tab.hydrate();
	const stream = await tab.stream();
	await expect
		.poll(() => fixture.log.map(({ code, cause }) => `${code} ${cause}`))
		.toContainEqual(expect.stringMatching(/^value_failed .*it broke/));
	stream.close();
});

test("a background event ends with its outcome while a value is still worked out", async () => {
	const fixture = await startGate({
		gate: ({ State, computed, event, field }) => {
			class Notes extends State {
				draft = field("", { auth: false });
				later = computed(
					() => this.draft.value,
					async ({ dependencies: draft }) => {
						await new Promise((resolve) => setTimeout(resolve, draft === "" ? 0 : 100));
						return `later ${draft}`;
					},
					{ auth: false, initial: "" },
				);
				beside = event({ auth: false, background: true }, async ({ update }) => {
					await update(() => {
						this.draft.value = "a";
					});
					return "done";
				});
			}
			return { states: { notes: Notes } };
		},
	});
	const tab = new StateTab(fixture.origin);
	await tab.hydrate();
	const { outcome } = await tab.send("notes.beside");
	expect(outcome).toMatchObject({ status: "ok" });
	expect(tab.values["notes.later"]).toBe("later a");
});
