-- The three roles and what they may do. Idempotent; run by a superuser in the database of the product.
-- prm_owner  owns the tables and runs migrations
-- prm_app    web and workers; row-level security applies
-- prm_read   vendor-wide read models and exports, after the application checked that the reader may see all
SELECT format('CREATE ROLE %I LOGIN', name)
FROM (VALUES ('prm_owner'), ('prm_app'), ('prm_read')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

ALTER ROLE prm_owner CREATEDB NOBYPASSRLS;
ALTER ROLE prm_app NOCREATEDB NOBYPASSRLS;
ALTER ROLE prm_read NOCREATEDB BYPASSRLS;
GRANT pg_read_all_stats TO prm_owner;

SELECT format('ALTER DATABASE %I OWNER TO prm_owner', current_database())
\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())
\gexec
SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO prm_app, prm_read', current_database())
\gexec
