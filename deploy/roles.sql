-- Lets the role taxonomy_serving, which the replicas connect with, read the tables that the database's owner creates.
-- Run it with psql (14 or newer) in each database, as its owner, who also migrates and loads. Where the server does not
-- have the role yet, the owner needs CREATEROLE (a superuser has it), and SERVING_PASSWORD in the environment is the
-- role's password. To run it again changes nothing.
\set ON_ERROR_STOP on
\set SHOW_CONTEXT never
\set serving_password ''
\getenv serving_password SERVING_PASSWORD

BEGIN;

DO $$
BEGIN
    IF current_user <> (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) THEN
        RAISE EXCEPTION 'Run this as the owner of the database %, and not as %.', current_database(), current_user;
    END IF;
END $$;

SELECT
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'taxonomy_serving') AS role_exists,
    :'serving_password' = '' AS password_missing \gset

\if :role_exists
    \echo 'The role taxonomy_serving exists already; its password is left as it is.'
\elif :password_missing
    DO $$ BEGIN RAISE EXCEPTION 'Set SERVING_PASSWORD in the environment: the password of the new role.'; END $$;
\else
    CREATE ROLE taxonomy_serving LOGIN PASSWORD :'serving_password';
\endif

REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"DBNAME" TO taxonomy_serving;
GRANT USAGE ON SCHEMA public TO taxonomy_serving;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO taxonomy_serving;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO taxonomy_serving;

COMMIT;
