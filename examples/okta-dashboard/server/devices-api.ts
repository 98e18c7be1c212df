import type { User } from "portcullis";
import { z } from "zod";
import type { Devices } from "../shared/types.ts";
import { auth } from "./auth.ts";

const Answer = z.array(
	z.object({
		name: z.string(),
		system: z.string(),
		lastSeen: z.iso.datetime(),
		isTrusted: z.boolean(),
	}),
);

/** Where the API is. The dashboard works without one, too. */
const base = process.env.DEVICES_API;
/**
 * With the access token of the person it is called for: the API knows by it whose devices it is
 * asked for.
 */
const callApi = base === undefined ? undefined : auth.apiFetch(base, { timeout: 5 });

/**
 * The devices of a person, as the API tells them. A service that is away must not take the page
 * with it.
 */
export async function fetchDevices(user: User, signal: AbortSignal): Promise<Devices> {
	if (!callApi) return { status: "none" };
	try {
		const response = await callApi(user, "devices", { signal });
		if (!response.ok) throw new Error(`The API of the devices answered with ${response.status}`);
		return { status: "known", devices: Answer.parse(await response.json()) };
	} catch (error) {
		if (!signal.aborted) console.error(error);
		return { status: "unavailable" };
	}
}
