"""The columns of a day's figures, in order (metrics.models.Figures)."""

MEASURES = (
    "won_count", "won_amount", "won_reported", "lost_count",
    "sourced_won_count", "sourced_won_amount", "sourced_won_reported",
    "pipeline_in_count", "pipeline_in_amount", "pipeline_in_estimated",
    "pipeline_out_count", "pipeline_out_amount", "pipeline_out_estimated", "renewal_in_amount", "renewal_out_amount",
    "influence_in_count", "influence_in_amount", "influence_in_estimated",
    "influence_out_count", "influence_out_amount", "influence_out_estimated",
    "influence_renewal_in_amount", "influence_renewal_out_amount",
    "influenced_won_count", "influenced_won_reported", "transacted_won_count", "transacted_won_reported",
    "registered_count", "approved_count", "rejected_count", "registration_won_count",
)  # fmt: skip
