{{ consent_person_decisions_query() }}
