import type { Config } from "@react-router/dev/config";

export default {
	ssr: true,
	buildDirectory: "dist",
	// The few routes are in the first document: nothing is asked for while people look around, and
	// there is no endpoint to guard.
	routeDiscovery: { mode: "initial" },
} satisfies Config;
