import { type Person, ROLES, type Role } from "../shared/types.ts";
import { formatTime } from "./format.ts";

interface PersonRowProps {
	readonly person: Person;
	readonly onRole: (role: Role) => void;
	readonly onActive: (isActive: boolean) => void;
}

/** A person of the directory, in a table. */
export function PersonRow({ person, onRole, onActive }: PersonRowProps) {
	const { name, email, role, isActive, lastSignIn } = person;
	return (
		<tr className={isActive ? "" : "inactive"}>
			<th scope="row">
				{name}
				<span className="muted">{email}</span>
			</th>
			<td data-label="Last sign-in">
				<time dateTime={lastSignIn}>{formatTime(lastSignIn)}</time>
			</td>
			<td data-label="Status">
				<span className={`badge ${isActive ? "good" : ""}`}>
					{isActive ? "Active" : "Deactivated"}
				</span>
			</td>
			<td data-label="Role">
				<select
					aria-label={`Role of ${name}`}
					value={role}
					onChange={({ target }) => {
						const chosen = ROLES.find((one) => one === target.value);
						if (chosen) onRole(chosen);
					}}
				>
					{ROLES.map((one) => (
						<option key={one} value={one}>
							{one}
						</option>
					))}
				</select>
			</td>
			<td>
				<button type="button" className="button small" onClick={() => onActive(!isActive)}>
					{isActive ? "Deactivate" : "Reactivate"}
					<span className="visually-hidden"> {name}</span>
				</button>
			</td>
		</tr>
	);
}
