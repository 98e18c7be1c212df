import { useCallback } from "react";
import { useClient } from "./context.ts";

/**
 * A function that asks whether the person may go to a path; if not it leaves for the page that says
 * so, and gives false.
 */
export function useNavigationGuard(): (path: string) => Promise<boolean> {
	const client = useClient();
	return useCallback(
		async (path: string) => {
			const decision = await client.navigate(path);
			if (decision.outcome !== "allow") location.assign(decision.href);
			return decision.outcome === "allow";
		},
		[client],
	);
}
