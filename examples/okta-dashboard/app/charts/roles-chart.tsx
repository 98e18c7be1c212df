import type { Role, RoleCount } from "../../shared/types.ts";
import { Bars } from "./bars.tsx";

const NAMES: Readonly<Record<Role, string>> = {
	administrator: "Administrators",
	viewer: "Viewers",
	none: "No role",
};

/** How many people have each role. */
export function RolesChart({ roles }: { roles: readonly RoleCount[] }) {
	return (
		<Bars
			label="Active people by role"
			rows={roles.map(({ role, people }) => ({ name: NAMES[role], value: people }))}
		/>
	);
}
