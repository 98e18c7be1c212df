import { Card } from "../card.tsx";
import { PersonRow } from "../person-row.tsx";
import { useServerState } from "../portcullis.ts";

/** All people in the directory, and what an admin may do to them. */
export default function Users() {
	const { people, setRole, setActive } = useServerState("users");
	const active = people.filter(({ isActive }) => isActive).length;
	return (
		<>
			<title>People - Dashboard</title>
			<Card title="People" note={`${people.length} in the directory, ${active} active`}>
				<table className="cards-on-small people">
					<thead>
						<tr>
							<th scope="col">Name</th>
							<th scope="col">Last sign-in</th>
							<th scope="col">Status</th>
							<th scope="col">Role</th>
							<th scope="col">
								<span className="visually-hidden">Actions</span>
							</th>
						</tr>
					</thead>
					<tbody>
						{people.map((person) => (
							<PersonRow
								key={person.id}
								person={person}
								onRole={(role) => void setRole({ id: person.id, role })}
								onActive={(isActive) => void setActive({ id: person.id, isActive })}
							/>
						))}
					</tbody>
				</table>
			</Card>
		</>
	);
}
