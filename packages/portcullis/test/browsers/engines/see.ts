import { expect } from "vitest";
import type { Sight, View } from "./engine.ts";

/** Waits for the page with this heading. */
export async function see(view: View, heading: string): Promise<Sight> {
	let sight: Sight | undefined;
	const look = async () => {
		sight = await view.look().catch(() => undefined);
		return sight?.heading ?? "";
	};
	await expect.poll(look, { timeout: 15_000, interval: 50 }).toBe(heading);
	return sight as Sight;
}
