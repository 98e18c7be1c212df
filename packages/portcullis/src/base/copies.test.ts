import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { isThisCopy, loadedCopies, nameOf, shared, THIS_COPY, VERSION } from "./copies.ts";

test("the version is that of package.json", () => {
	expect(VERSION).toBe(manifest.version);
});

test("a copy is known by version and folder", () => {
	expect(THIS_COPY.place).toMatch(/\/packages\/portcullis$/);
	expect(isThisCopy({ ...THIS_COPY })).toBe(true);
	expect(isThisCopy({ ...THIS_COPY, version: "9.9.9" })).toBe(false);
	expect(isThisCopy({ ...THIS_COPY, place: "file:///elsewhere" })).toBe(false);
	// Other files that ran in this process may have loaded a built copy.
	const { count, text } = loadedCopies();
	expect(text).toContain(nameOf(THIS_COPY));
	expect(text.split(nameOf(THIS_COPY))).toHaveLength(2);
	expect(count).toBeGreaterThanOrEqual(1);
});

test("what is shared is made once, and a new form has a name of its own", () => {
	const one = shared("test.copies.1", () => ({}));
	expect(shared("test.copies.1", () => ({}))).toBe(one);
	expect(shared("test.copies.2", () => ({}))).not.toBe(one);
	expect(Object.keys(globalThis)).not.toContain("portcullis");
});
