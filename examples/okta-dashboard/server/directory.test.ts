import { expect, test } from "vitest";
import { Directory } from "./directory.ts";

const NOW = Date.UTC(2026, 2, 31);
const directory = () => new Directory(() => NOW);
const search = (from: Directory, text: string, action: "any" | "deactivated" = "any") =>
	from.searchAudit({ text, action }, new AbortController().signal);

test("every start has the same people and the same past", async () => {
	expect(directory().people()).toEqual(directory().people());
	expect(await search(directory(), "")).toEqual(await search(directory(), ""));
	expect(
		new Set(
			directory()
				.people()
				.map(({ email }) => email),
		).size,
	).toBe(24);
});

test("a change shows in the list, the counts and the log", async () => {
	const one = directory();
	const viewer = one.people().find(({ role, isActive }) => role === "viewer" && isActive);
	const before = one.countByRole();
	expect(one.setRole(viewer?.id ?? "", "administrator", "Ada (ada)")?.role).toBe("administrator");
	expect(one.countByRole()).toEqual([
		{ role: "administrator", people: (before[0]?.people ?? 0) + 1 },
		{ role: "viewer", people: (before[1]?.people ?? 0) - 1 },
		before[2],
	]);
	expect((await search(one, ""))[0]).toMatchObject({
		actor: "Ada (ada)",
		action: "role changed",
		target: viewer?.name,
		detail: "viewer to administrator",
		at: "2026-03-31T00:00:00.000Z",
	});
});

test("what changes nothing is not logged, and an unknown id changes nothing", async () => {
	const one = directory();
	const [first] = one.people();
	const before = await search(one, "");
	one.setRole(first?.id ?? "", first?.role ?? "none", "Ada");
	one.setActive(first?.id ?? "", first?.isActive ?? true, "Ada");
	expect(one.setRole("__proto__", "administrator", "Ada")).toBeUndefined();
	expect(one.setActive("p99", false, "Ada")).toBeUndefined();
	expect(await search(one, "")).toEqual(before);
});

test("the log is searched in any case, by action too, and keeps the newest 500", async () => {
	const one = directory();
	const [first] = one.people();
	for (let i = 0; i < 600; i++) one.setActive(first?.id ?? "", i % 2 === 1, "Ada");
	expect(await search(one, "")).toHaveLength(500);
	const found = await search(one, " ADA ", "deactivated");
	expect(found).toHaveLength(250);
	expect(found.every(({ action, actor }) => action === "deactivated" && actor === "Ada")).toBe(
		true,
	);
	expect(await search(one, "nobody")).toEqual([]);
	await expect(one.searchAudit({ text: "", action: "any" }, AbortSignal.abort())).rejects.toThrow();
});
