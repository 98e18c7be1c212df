import type { AppUse } from "../../shared/types.ts";
import { Bars } from "./bars.tsx";

/** Sign-ins of each application. */
export function AppsChart({ apps }: { apps: readonly AppUse[] }) {
	return (
		<Bars
			label="Sign-ins by application"
			rows={apps.map(({ app, signIns }) => ({ name: app, value: signIns }))}
		/>
	);
}
