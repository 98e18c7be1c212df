import { detailsOf } from "./audit-details.ts";
import type { GateContext } from "./gate-context.ts";
import type { HostCall } from "./host-call.ts";
import type { Runtime } from "./runtime.ts";

/**
 * Ends the sessions that a login replaces, whichever way it came to its end: all of those whose cookies the request has, also where their
 * access token has ended. A copy of them is worth nothing from then on, and a renewal that is under way does not bring them back.
 *
 * @throws {StateError} while nobody knows which sessions have ended, because the store does not answer.
 */
export async function endReplaced(gate: GateContext, runtime: Runtime, call: HostCall): Promise<void> {
	for (const former of await gate.identities.openAll(runtime, call.header("cookie"))) {
		if (former.isOver) continue;
		gate.signedOut(former.connected.names.revocation, former.session);
		await gate.audit?.emit("logout", "success", { ...detailsOf(former), reason: "replaced_by_login" });
	}
}
