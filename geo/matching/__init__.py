"""Laying a track on roads."""
