import { NavLink, Outlet } from "react-router";

/**
 * The management panel. Only admins come here, and only they get the values that its pages show.
 */
export default function Admin() {
	return (
		<>
			<div className="page-head">
				<h1>Admin</h1>
				<nav className="tabs" aria-label="Admin">
					<NavLink to="/admin" end>
						People
					</NavLink>
					<NavLink to="/admin/audit">Audit log</NavLink>
				</nav>
			</div>
			<Outlet />
		</>
	);
}
