import { afterAll, beforeAll, expect, test } from "vitest";
import { entries } from "../support/built-package.ts";
import { PackedApp, RESOLUTIONS } from "../support/packed-app.ts";

// What pack.test.ts shows of all entries together, of each by itself: none needs what another one
// declares.

const packed = new PackedApp();

beforeAll(() => packed.install(), 120_000);

afterAll(() => packed.remove());

test.each(entries)(
	"$specifier type-checks by itself, declarations of the package included",
	async ({ specifier }) => {
		packed.linkPeerOf(specifier, { types: true });
		for (const resolution of RESOLUTIONS)
			expect(await packed.typeErrors([specifier], resolution)).toEqual([]);
	},
	120_000,
);
