import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { addressIn, definitionSite, recordedSite, recordSites } from "./definition-site.ts";

const prepare = Error.prepareStackTrace;
const limit = Error.stackTraceLimit;

afterEach(() => {
	Error.prepareStackTrace = prepare;
	Error.stackTraceLimit = limit;
});

/** Stands for a function of the library that notes where it was called. */
const define = () => definitionSite();
const defineRecorded = () => recordedSite();

describe("definitionSite", () => {
	it("is where the function that asks for it was called", () => {
		const here = lineHere() + 1;
		const site = define();
		expect(fileAndLine(site)).toEqual([fileURLToPath(import.meta.url), here]);
	});

	it("looks past native code in between", () => {
		const here = lineHere() + 1;
		const [site] = [0].map(define);
		expect(fileAndLine(site)).toEqual([fileURLToPath(import.meta.url), here]);
	});

	it("is unknown where a program has changed what a stack is, and where there is none", () => {
		Error.prepareStackTrace = (_, sites) => sites;
		expect(define()).toBeUndefined();
		Error.prepareStackTrace = prepare;
		Error.stackTraceLimit = 0;
		expect(define()).toBeUndefined();
	});
});

describe("recordedSite", () => {
	it("is looked up only while sites are recorded, also after one recording inside of another", () => {
		expect(defineRecorded()).toBeUndefined();
		const here = lineHere() + 3;
		const site = recordSites(() => {
			recordSites(() => 0);
			return defineRecorded();
		});
		expect(fileAndLine(site)[1]).toBe(here);
		expect(defineRecorded()).toBeUndefined();
	});

	it("is no longer looked up after what was recorded threw", () => {
		expect(() => {
			recordSites(() => {
				throw new Error("initialiser");
			});
		}).toThrow("initialiser");
		expect(defineRecorded()).toBeUndefined();
	});
});

it.each([
	["    at check (file:///app/server/authz.ts:12:3)", "file:///app/server/authz.ts:12:3"],
	["    at file:///app/server/authz.ts:12:3", "file:///app/server/authz.ts:12:3"],
	["    at async Promise.all (file:///app/a.ts:1:2)", "file:///app/a.ts:1:2"],
	["    at async file:///app/a.ts:1:2", "file:///app/a.ts:1:2"],
	["    at new Notes (/app/routes/(admin)/a b.js:1:2)", "/app/routes/(admin)/a b.js:1:2"],
	["    at /app/routes/(admin)/a.js:1:2", "/app/routes/(admin)/a.js:1:2"],
	["    at Object.f [as g] (C:\\app\\a.js:1:2)", "C:\\app\\a.js:1:2"],
	["check@file:///app/a.ts:1:2", "file:///app/a.ts:1:2"],
	["    at Array.map (<anonymous>)", undefined],
	["    at eval (eval at f (file:///app/a.ts:1:2), <anonymous>:1:1)", undefined],
	["    at a.ts:1:2", undefined],
	["", undefined],
])("the address in %j is %j", (line, address) => {
	expect(addressIn(line)).toBe(address);
});

function fileAndLine(site: string | undefined): [file: string, line: number] {
	const [, file = "", line] = /^(.*):(\d+):\d+$/.exec(site ?? "") ?? [];
	return [file.startsWith("file:") ? fileURLToPath(file) : file, Number(line)];
}

/** The line that this is called in. */
function lineHere(): number {
	return Number(/:(\d+):\d+\)?$/.exec((new Error().stack ?? "").split("\n")[2] ?? "")?.[1]);
}
