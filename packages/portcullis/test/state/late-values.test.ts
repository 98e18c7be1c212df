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
